/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine says of its key is shown as what it is, "claimed": said by the
 * process that holds the key, and proved to nobody. */
#include "tests/vault/portal/page_machine.h"

#include <stdio.h>
#include <string.h>

#include "tests/vault/portal/page.h"
#include "tests/vault/portal/page_assurance.h"
#include "tests/vault/service/evidence.h"
#include "tests/vault/service/repository.h"

struct machine_list {
    struct store *store;
    struct html *page;
    int64_t now;
    int count;
};

static void
put_key_store(struct html *page, struct store *store,
              const struct machine *machine)
{
    struct assurance assurance;

    evidence_assurance(store, machine, &assurance);
    html_add(page, "<td role=\"cell\" data-label=\"Key store\"><span>%s</span>",
             portal_page_key_store(machine));
    if (assurance.emulated)
        html_add(page, " <strong class=\"state warn\">Emulation</strong>");
    html_add(page,
             "</td><td role=\"cell\" data-label=\"Key\"><span>%s</span>"
             "<span class=\"quiet\">%s</span></td>",
             assurance.origin, assurance.proof);
}

void
portal_page_state(struct html *page, enum machine_state state)
{
    switch (state) {
    case MACHINE_REGISTERED:
        html_add(page, "<span class=\"state good\">Registered</span>");
        break;
    case MACHINE_LEFT:
        html_add(page, "<span class=\"state\">Has left</span>");
        break;
    case MACHINE_REVOKED:
        html_add(page, "<span class=\"state bad\">Revoked</span>");
        break;
    case MACHINE_REPLACED:
        html_add(page, "<span class=\"state\">Replaced</span>");
        break;
    }
}

static void
put_actions(struct html *page, const struct machine *machine)
{
    static const char *const labels[] = {
        [MACHINE_ACTION_REVOKE] = "Revoke",
        [MACHINE_ACTION_REPLACE] = "Replace",
        [MACHINE_ACTION_PRUNE] = "Allow pruning",
        [MACHINE_ACTION_DELETE] = "Delete data"};

    html_add(page, "<td role=\"cell\" data-label=\"Actions\">");
    if (machine->state != MACHINE_REPLACED)
        html_add(page, "<span class=\"actions\">");
    for (int i = 0; i < MACHINE_ACTION__MAX; i++)
        if (portal_page_action_fits((enum machine_action)i, machine->state))
            html_add(page,
                     "<a href=\"/vaults/%s/machines/%s/%s\" "
                     "aria-label=\"%s: %s\">%s</a>",
                     machine->vault, machine->uuid,
                     portal_page_action_word((enum machine_action)i), labels[i],
                     machine->name, labels[i]);
    if (machine->state != MACHINE_REPLACED)
        html_add(page, "</span>");
    html_add(page, "</td>");
}

/* By the vault's own count and clock, whatever the machine says. */
static void
put_backup(struct html *page, struct store *store,
           const struct machine *machine)
{
    char text[HTML_SIZE];
    int64_t size = 0, last = 0;

    html_add(page, "<td role=\"cell\" data-label=\"Last backup\">");
    if (machine->state == MACHINE_REPLACED)
        html_add(page, "<span>with its successor</span></td>");
    else {
        repository_describe(store, machine->repository, &size, &last);
        if (last != 0)
            html_time(page, last);
        else
            html_add(page, "<span>none yet</span>");
        html_add(page, "<span class=\"quiet\">%s</span></td>",
                 html_size(size, text));
    }
}

static void
put_head(struct html *page)
{
    html_add(page, "<table role=\"table\">\n<caption>In the order they came; "
                   "a name may be there more than once, a UUID is not."
                   "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">"
                   "<th role=\"columnheader\" scope=\"col\">Machine</th>"
                   "<th role=\"columnheader\" scope=\"col\">Key store</th>"
                   "<th role=\"columnheader\" scope=\"col\">Key, proof</th>"
                   "<th role=\"columnheader\" scope=\"col\">Registered</th>"
                   "<th role=\"columnheader\" scope=\"col\">Last backup, "
                   "size</th>"
                   "<th role=\"columnheader\" scope=\"col\">State</th>"
                   "<th role=\"columnheader\" scope=\"col\">Actions</th>"
                   "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

static void
put_machine(void *context, const struct machine *machine)
{
    struct machine_list *list = context;
    struct html *page = list->page;

    if (list->count++ == 0)
        put_head(page);
    html_add(page,
             "<tr role=\"row\"><td role=\"cell\" data-label=\"Machine\">"
             "<a href=\"/vaults/%s/machines/%s\"><strong>%s</strong></a>"
             "<span class=\"quiet code\">%s</span></td>",
             machine->vault, machine->uuid, machine->name, machine->uuid);
    put_key_store(page, list->store, machine);
    html_add(page, "<td role=\"cell\" data-label=\"Registered\">");
    html_time(page, machine->registered);
    html_add(page, "</td>");
    put_backup(page, list->store, machine);
    html_add(page, "<td role=\"cell\" data-label=\"State\">");
    portal_page_state(page, machine->state);
    if (machine->prune_until > list->now) {
        html_add(page, "<span class=\"quiet\">may prune until ");
        html_time(page, machine->prune_until);
        html_add(page, "</span>");
    }
    html_add(page, "</td>");
    put_actions(page, machine);
    html_add(page, "</tr>\n");
}

char *
portal_page_machines(struct store *store, const struct vault *vault,
                     const struct person_session *session, int64_t now)
{
    struct portal_view view = {.title = "Registered machines",
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true,
                               .vault = vault,
                               .tab = PORTAL_TAB_MACHINES};
    struct html *page = portal_page_begin(&view);
    struct machine_list list = {.store = store, .page = page, .now = now};

    html_add(page, "<div class=\"card\">\n");
    (void)machine_each(store, vault->id, put_machine, &list);
    html_add(page, list.count > 0
                       ? "</tbody>\n</table>\n"
                       : "<p>No machine has been registered yet.</p>\n");
    html_add(page, "</div>\n");
    if (list.count == 0)
        html_add(page,
                 "<p><a href=\"/vaults/%s\">Quick start: back up a Linux "
                 "server</a></p>\n",
                 vault->id);
    return portal_page_end(&page);
}
