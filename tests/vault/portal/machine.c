/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to a machine is asked for on a page of its own first. */
#include <stdio.h>
#include <string.h>

#include "tests/vault/service/data_rules.h"
#include "tests/vault/service/object_file.h"
#include "tests/vault/portal/portal.h"
#include "tests/vault/portal/page_machine.h"
#include "tests/vault/portal/session.h"
#include "tests/vault/service/store.h"

#define MACHINES_PATH_MAX (VAULT_ID_MAX + 24)

/* A form about a machine to which ACTION can be done. */
struct order {
    struct person_session session;
    struct vault vault;
    struct machine machine;
    struct form form;
};

void
portal_machines(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;

    if (portal_session_need(exchange, &session) &&
        portal_session_need_vault(exchange, &vault))
        portal_session_page(exchange, 200,
                            portal_page_machines(exchange->service->store,
                                                 &vault, &session,
                                                 exchange->now));
}

static bool
need_fit(struct exchange *exchange, const struct machine *machine,
         enum machine_action action)
{
    static const char *const sentences[] = {
        [MACHINE_ACTION_REVOKE] = "Its access has ended already. There is "
                                  "nothing left to revoke.",
        [MACHINE_ACTION_REPLACE] = "Another machine has its place already. "
                                   "Replace that one.",
        [MACHINE_ACTION_PRUNE] = "Its access has ended. Allow pruning to the "
                                 "machine that takes its place.",
        [MACHINE_ACTION_DELETE] = "Its data can be deleted once its access has "
                                  "ended. Revoke it first; if another has "
                                  "taken its place, the data is that one's.",
    };

    if (portal_page_action_fits(action, machine->state))
        return true;
    portal_session_refuse(exchange, 409, sentences[action]);
    return false;
}

/* The action is the path's last part. */
void
portal_question(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct machine machine = {0};
    const char *word = strrchr(exchange->path, '/') + 1;
    int action = 0;

    while (action < MACHINE_ACTION__MAX &&
           strcmp(word, portal_page_action_word((enum machine_action)action)) !=
               0)
        action++;
    if (action == MACHINE_ACTION__MAX)
        portal_nothing(exchange);
    else if (portal_session_need(exchange, &session) &&
             portal_session_need_machine(exchange, &vault, &machine) &&
             need_fit(exchange, &machine, (enum machine_action)action))
        portal_session_page(exchange, 200,
                            portal_page_question((enum machine_action)action,
                                                 &vault, &machine, &session,
                                                 ""));
    machine_clear(&machine);
}

static bool
need_order(struct exchange *exchange, enum machine_action action,
           struct order *order)
{
    *order = (struct order){0};
    return portal_session_need_form(exchange, &order->session, &order->form) &&
           portal_session_need_machine(exchange, &order->vault,
                                       &order->machine) &&
           need_fit(exchange, &order->machine, action);
}

static void
clear_order(struct order *order)
{
    machine_clear(&order->machine);
    form_clear(&order->form);
}

/* Back to the list, if that went well. */
static void
go_to_machines(struct exchange *exchange, bool done)
{
    char path[MACHINES_PATH_MAX];

    (void)snprintf(path, sizeof path, "/vaults/%s/machines", exchange->vault);
    if (done)
        portal_session_go(exchange, path);
    else
        exchange_fault(exchange);
}

void
portal_revoke(struct exchange *exchange)
{
    struct order order;

    if (need_order(exchange, MACHINE_ACTION_REVOKE, &order))
        go_to_machines(exchange, machine_revoke(exchange->service->store,
                                                order.machine.uuid));
    clear_order(&order);
}

void
portal_prune(struct exchange *exchange)
{
    struct order order;
    int64_t until = exchange->now + DATA_RULES_GRANT_HOURS * INT64_C(3600);

    if (need_order(exchange, MACHINE_ACTION_PRUNE, &order))
        go_to_machines(exchange, machine_grant(exchange->service->store,
                                               order.machine.uuid, until));
    clear_order(&order);
}

static bool
delete_data(struct exchange *exchange, const struct machine *machine)
{
    return repository_empty(exchange->service->store, machine->repository) &&
           object_file_remove_all(&exchange->service->place, machine->vault,
                                  machine->repository);
}

void
portal_delete(struct exchange *exchange)
{
    struct order order;
    const char *confirm;

    if (need_order(exchange, MACHINE_ACTION_DELETE, &order)) {
        confirm = form_get(&order.form, "confirm");
        if (confirm != NULL && strcmp(confirm, order.machine.name) == 0)
            go_to_machines(exchange, delete_data(exchange, &order.machine));
        else
            portal_session_page(
                exchange, 400,
                portal_page_question(MACHINE_ACTION_DELETE, &order.vault,
                                     &order.machine, &order.session,
                                     "That is not the machine's name."));
    }
    clear_order(&order);
}
