/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to a machine is asked for on a page of its own first. */
#include <stdio.h>

#include "tests/vault/portal.h"
#include "tests/vault/portal_page_machine.h"
#include "tests/vault/portal_session.h"

#define MACHINES_PATH_MAX (VAULT_ID_MAX + 24)

void
portal_machines(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;

    if (portal_session_need(exchange, &session) &&
        portal_session_need_vault(exchange, &vault))
        portal_session_page(
            exchange, 200,
            portal_page_machines(exchange->service->store, &vault, &session));
}

void
portal_revoke_form(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct machine machine = {0};

    if (portal_session_need(exchange, &session) &&
        portal_session_need_machine(exchange, &vault, &machine))
        portal_session_page(exchange, 200,
                            portal_page_revoke(&vault, &machine, &session));
    machine_clear(&machine);
}

static void
go_to_machines(struct exchange *exchange)
{
    char path[MACHINES_PATH_MAX];

    (void)snprintf(path, sizeof path, "/vaults/%s/machines", exchange->vault);
    portal_session_go(exchange, path);
}

void
portal_revoke(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct machine machine = {0};
    struct form form = {0};

    if (portal_session_need_form(exchange, &session, &form) &&
        portal_session_need_machine(exchange, &vault, &machine)) {
        if (machine_revoke(exchange->service->store, machine.uuid))
            go_to_machines(exchange);
        else
            exchange_fault(exchange);
    }
    machine_clear(&machine);
    form_clear(&form);
}
