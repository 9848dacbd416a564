/* SPDX-License-Identifier: Apache-2.0 */
/* From all services down to one vault. */
#include <stdio.h>

#include "tests/vault/portal/portal.h"
#include "tests/vault/portal/page_vault.h"
#include "tests/vault/portal/session.h"

#define CREATED_PATH_MAX (VAULT_ID_MAX + 16)

void
portal_home(struct exchange *exchange)
{
    portal_session_go(exchange, "/services");
}

void
portal_nothing(struct exchange *exchange)
{
    portal_session_refuse(exchange, 404, "There is no page at this address.");
}

void
portal_services(struct exchange *exchange)
{
    struct person_session session;

    if (portal_session_need(exchange, &session))
        portal_session_page(exchange, 200, portal_page_services(&session));
}

void
portal_vaults(struct exchange *exchange)
{
    struct person_session session;

    if (portal_session_need(exchange, &session))
        portal_session_page(
            exchange, 200,
            portal_page_vaults(exchange->service->store, &session));
}

void
portal_create_form(struct exchange *exchange)
{
    struct person_session session;

    if (portal_session_need(exchange, &session))
        portal_session_page(exchange, 200,
                            portal_page_create(&session, "", ""));
}

static void
create(struct exchange *exchange, const struct person_session *session,
       const char *name)
{
    struct store *store = exchange->service->store;
    char path[CREATED_PATH_MAX];
    struct vault vault;

    if (!vault_is_name(name))
        portal_session_page(
            exchange, 400,
            portal_page_create(session, name,
                               "A vault's name has 2 to 50 letters, digits and "
                               "hyphens, and begins with a letter."));
    else if (vault_find_name(store, name, &vault))
        portal_session_page(
            exchange, 409,
            portal_page_create(session, name,
                               "There is a vault of this name already."));
    else if (!vault_make(store, name) || !vault_find_name(store, name, &vault))
        exchange_fault(exchange);
    else {
        (void)snprintf(path, sizeof path, "/vaults/%s", vault.id);
        portal_session_go(exchange, path);
    }
}

void
portal_create(struct exchange *exchange)
{
    struct person_session session;
    struct form form = {0};
    const char *name;

    if (portal_session_need_form(exchange, &session, &form)) {
        name = form_get(&form, "name");
        create(exchange, &session, name != NULL ? name : "");
    }
    form_clear(&form);
}

void
portal_overview(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;

    if (portal_session_need(exchange, &session) &&
        portal_session_need_vault(exchange, &vault))
        portal_session_page(
            exchange, 200,
            portal_page_overview(exchange->service->store, &vault, &session));
}

void
portal_properties(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;

    if (portal_session_need(exchange, &session) &&
        portal_session_need_vault(exchange, &vault))
        portal_session_page(exchange, 200,
                            portal_page_properties(&exchange->service->place,
                                                   exchange->service->store,
                                                   &vault, &session));
}
