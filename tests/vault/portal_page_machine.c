/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine says of its key is shown as what it is: said by the process
 * that holds the key, and proved to nobody. */
#include "tests/vault/portal_page_machine.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "tests/vault/portal_page.h"

struct machine_list {
    struct html *page;
    int count;
};

static const char *
name_kind(const char *kind)
{
    static const char *const names[][2] = {
        {"pkcs11", "PKCS#11 token"}, {"tpm2", "TPM 2.0"}, {"soft", "Software"}};

    for (size_t i = 0; kind != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(kind, names[i][0]) == 0)
            return names[i][1];
    return "Unknown";
}

static void
put_key_store(struct html *page, const struct machine *machine)
{
    json_t *key_store = json_loads(machine->key_store, 0, NULL);
    const char *kind = json_string_value(json_object_get(key_store, "kind"));
    const char *origin = json_string_value(
        json_object_get(key_store, "origin"));

    html_add(page, "<td role=\"cell\" data-label=\"Key store\"><span>%s</span>",
             name_kind(kind));
    if (json_is_true(json_object_get(key_store, "emulated")))
        html_add(page, " <strong class=\"state warn\">Emulation</strong>");
    html_add(page,
             "</td><td role=\"cell\" data-label=\"Key\"><span>%s</span>"
             "<span class=\"quiet\">not attested</span></td>",
             origin != NULL && strcmp(origin, "born") == 0 ? "Born in the store"
                                                           : "Imported");
    json_decref(key_store);
}

static void
put_machine_state(struct html *page, enum machine_state state)
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
    }
}

static void
put_action(struct html *page, const struct machine *machine, const char *action,
           const char *label)
{
    html_add(page,
             "<a href=\"/vaults/%s/machines/%s/%s\" "
             "aria-label=\"%s %s\">%s</a>",
             machine->vault, machine->uuid, action, label, machine->name,
             label);
}

static void
put_head(struct html *page)
{
    html_add(page, "<table role=\"table\">\n<caption>In the order they came; "
                   "a name may be there more than once, a UUID is not."
                   "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">"
                   "<th role=\"columnheader\" scope=\"col\">Machine</th>"
                   "<th role=\"columnheader\" scope=\"col\">Key store</th>"
                   "<th role=\"columnheader\" scope=\"col\">Key</th>"
                   "<th role=\"columnheader\" scope=\"col\">Registered</th>"
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
             "<strong>%s</strong><span class=\"quiet code\">%s</span></td>",
             machine->name, machine->uuid);
    put_key_store(page, machine);
    html_add(page, "<td role=\"cell\" data-label=\"Registered\">");
    html_time(page, machine->registered);
    html_add(page, "</td><td role=\"cell\" data-label=\"State\">");
    put_machine_state(page, machine->state);
    html_add(page, "</td><td role=\"cell\" data-label=\"Actions\">"
                   "<span class=\"actions\">");
    if (machine->state == MACHINE_REGISTERED)
        put_action(page, machine, "revoke", "Revoke");
    html_add(page, "</span></td></tr>\n");
}

static struct portal_view
view_of(const char *title, const struct vault *vault,
        const struct person_session *session)
{
    return (struct portal_view){.title = title,
                                .person = session->person,
                                .csrf = session->csrf,
                                .vaults = true,
                                .vault = vault,
                                .tab = PORTAL_TAB_MACHINES};
}

char *
portal_page_machines(struct store *store, const struct vault *vault,
                     const struct person_session *session)
{
    struct portal_view view = view_of("Registered machines", vault, session);
    struct html *page = portal_page_begin(&view);
    struct machine_list list = {.page = page};

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

/* A form to the page's own address, and the way back. */
static void
put_question(struct html *page, const struct machine *machine,
             const struct person_session *session, const char *action,
             const char *button)
{
    html_add(page,
             "<form method=\"post\" action=\"/vaults/%s/machines/%s/%s\">\n"
             "<input type=\"hidden\" name=\"csrf\" value=\"%s\">\n"
             "<p class=\"actions\"><button class=\"danger\">%s</button> "
             "<a class=\"button plain\" href=\"/vaults/%s/machines\">Cancel"
             "</a></p>\n</form>\n",
             machine->vault, machine->uuid, action, session->csrf, button,
             machine->vault);
}

static void
put_which(struct html *page, const struct machine *machine)
{
    html_add(page,
             "<dl class=\"facts\">\n<dt>Machine</dt><dd>%s</dd>\n"
             "<dt>UUID</dt><dd class=\"code\">%s</dd>\n"
             "<dt>Registered</dt><dd>",
             machine->name, machine->uuid);
    html_time(page, machine->registered);
    html_add(page, "</dd>\n</dl>\n");
}

char *
portal_page_revoke(const struct vault *vault, const struct machine *machine,
                   const struct person_session *session)
{
    struct portal_view view = view_of("Revoke a machine", vault, session);
    struct html *page;

    view.deeper = true;
    page = portal_page_begin(&view);
    html_add(page, "<div class=\"card\">\n");
    put_which(page, machine);
    html_add(page, "<div class=\"note\"><ul>\n"
                   "<li>Its access ends at once, also on connections that are "
                   "open.</li>\n"
                   "<li>Its backups stay until you delete them.</li>\n"
                   "<li>The newest credentials file of this vault becomes "
                   "useless, too.</li>\n"
                   "<li>This cannot be taken back.</li>\n</ul></div>\n");
    put_question(page, machine, session, "revoke", "Revoke this machine");
    html_add(page, "</div>\n");
    return portal_page_end(&page);
}
