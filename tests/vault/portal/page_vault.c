/* SPDX-License-Identifier: Apache-2.0 */
/* The way from all services down to one vault, and its quick start. */
#include "tests/vault/portal/page_vault.h"

#include <stdio.h>
#include <string.h>

#include "tests/vault/service/machine.h"
#include "tests/vault/portal/page.h"
#include "tests/vault/portal/page_credential.h"
#include "tests/vault/portal/page_policy.h"

char *
portal_page_services(const struct person_session *session)
{
    struct portal_view view = {.title = "All services",
                               .person = session->person,
                               .csrf = session->csrf};
    struct html *page = portal_page_begin(&view);

    html_add(page,
             "<ul class=\"services\">\n<li class=\"card\">\n"
             "<h2><a href=\"/vaults\">Recovery Services vaults</a></h2>\n"
             "<p>Where registered machines keep their backups. Vault "
             "credentials are downloaded here, and machines revoked.</p>\n"
             "</li>\n</ul>\n");
    return portal_page_end(&page);
}

struct vault_list {
    struct store *store;
    struct html *page;
    int count;
};

static void
count_machine(void *context, const struct machine *machine)
{
    int *count = context;

    if (machine->state == MACHINE_REGISTERED)
        (*count)++;
}

static void
put_vault(void *context, const struct vault *vault)
{
    struct vault_list *list = context;
    char machines[16];
    int count = 0;

    (void)machine_each(list->store, vault->id, count_machine, &count);
    (void)snprintf(machines, sizeof machines, "%d", count);
    if (list->count++ == 0)
        html_add(list->page,
                 "<table role=\"table\">\n<caption>Vaults of this service"
                 "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">"
                 "<th role=\"columnheader\" scope=\"col\">Name</th>"
                 "<th role=\"columnheader\" scope=\"col\">Resource group</th>"
                 "<th role=\"columnheader\" scope=\"col\">Location</th>"
                 "<th role=\"columnheader\" scope=\"col\">Registered machines"
                 "</th></tr></thead>\n<tbody role=\"rowgroup\">\n");
    html_add(list->page,
             "<tr role=\"row\"><td role=\"cell\" data-label=\"Name\">"
             "<a href=\"/vaults/%s\">%s</a></td>"
             "<td role=\"cell\" data-label=\"Resource group\"><span>%s</span>"
             "</td><td role=\"cell\" data-label=\"Location\"><span>%s</span>"
             "</td><td role=\"cell\" data-label=\"Machines\"><span>%s</span>"
             "</td></tr>\n",
             vault->id, vault->name, vault->group, vault->location, machines);
}

char *
portal_page_vaults(struct store *store, const struct person_session *session)
{
    struct portal_view view = {.title = "Recovery Services vaults",
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true};
    struct html *page = portal_page_begin(&view);
    struct vault_list list = {.store = store, .page = page};

    html_add(page, "<p><a class=\"button\" href=\"/vaults/create\">Create a "
                   "vault</a></p>\n<div class=\"card\">\n");
    (void)vault_each(store, put_vault, &list);
    html_add(page, list.count > 0 ? "</tbody>\n</table>\n"
                                  : "<p>There is no vault yet.</p>\n");
    html_add(page, "</div>\n");
    return portal_page_end(&page);
}

char *
portal_page_create(const struct person_session *session, const char *name,
                   const char *notice)
{
    struct portal_view view = {.title = "Create a vault",
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true,
                               .deeper = true};
    struct html *page = portal_page_begin(&view);

    if (*notice != '\0')
        html_add(page,
                 "<p class=\"alert\" role=\"alert\" id=\"wrong\">%s</p>\n",
                 notice);
    html_add(page, "<div class=\"card\">\n");
    portal_page_form(page, session->csrf, "/vaults");
    html_add(page,
             "<label class=\"field\">Name of the vault <input type=\"text\" "
             "name=\"name\" required maxlength=\"50\" autocomplete=\"off\" "
             "aria-describedby=\"rule\" value=\"%s\"></label>\n"
             "<p class=\"quiet\" id=\"rule\">2 to 50 letters, digits and "
             "hyphens, beginning with a letter. It cannot be changed later."
             "</p>\n<button>Create</button>\n</form>\n</div>\n",
             name);
    return portal_page_end(&page);
}

static void
put_essentials(struct html *page, const struct vault *vault)
{
    html_add(page,
             "<dl class=\"facts\">\n"
             "<dt>Resource group</dt><dd>%s</dd>\n"
             "<dt>Location</dt><dd>%s</dd>\n"
             "<dt>Subscription</dt><dd class=\"code\">%s</dd>\n"
             "<dt>Resource id</dt><dd class=\"code\">%s</dd>\n</dl>\n",
             vault->group, vault->location, vault->subscription, vault->id);
}

static void
put_quick_start(struct html *page, const struct vault *vault,
                const struct person_session *session)
{
    html_add(page, "<section class=\"card\" aria-labelledby=\"start\">\n"
                   "<h2 id=\"start\">Quick start: back up a Linux server</h2>\n"
                   "<ol class=\"steps\">\n<li>Install Holdfast on the server, "
                   "and look which token it has.\n"
                   "<pre>holdfast token list</pre></li>\n"
                   "<li>Download the vault credentials, on the server itself "
                   "if it has a browser.\n");
    portal_page_download(page, vault, session->csrf);
    html_add(page,
             "</li>\n<li>Register the server. The file's key goes into the "
             "token, and the file is wiped.\n"
             "<pre>holdfast register --token URI --expect-vault %s FILE</pre>"
             "</li>\n<li>See it among the "
             "<a href=\"/vaults/%s/machines\">registered machines</a>.</li>\n"
             "</ol>\n</section>\n",
             vault->name, vault->id);
}

char *
portal_page_overview(struct store *store, const struct vault *vault,
                     const struct person_session *session)
{
    struct portal_view view = {.title = vault->name,
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true,
                               .vault = vault,
                               .tab = PORTAL_TAB_OVERVIEW};
    struct html *page = portal_page_begin(&view);
    char text[16];
    int count = 0;

    (void)machine_each(store, vault->id, count_machine, &count);
    (void)snprintf(text, sizeof text, "%d", count);
    html_add(page, "<div class=\"columns\">\n");
    put_quick_start(page, vault, session);
    html_add(page, "<section class=\"card\" aria-labelledby=\"essentials\">\n"
                   "<h2 id=\"essentials\">Essentials</h2>\n");
    put_essentials(page, vault);
    html_add(page,
             "<p><a href=\"/vaults/%s/machines\">Registered machines: %s</a>"
             "</p>\n</section>\n</div>\n",
             vault->id, text);
    return portal_page_end(&page);
}

char *
portal_page_properties(const struct place *place, struct store *store,
                       const struct vault *vault,
                       const struct person_session *session)
{
    struct portal_view view = {.title = "Properties",
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true,
                               .vault = vault,
                               .tab = PORTAL_TAB_PROPERTIES};
    struct html *page = portal_page_begin(&view);

    html_add(page,
             "<section class=\"card\" aria-labelledby=\"credentials\">\n"
             "<h2 id=\"credentials\">Backup Credentials</h2>\n"
             "<p>A vault credentials file registers machines with this vault. "
             "What has been downloaded so far, and what became of it, is "
             "listed there, too.</p>\n"
             "<p><a class=\"button\" href=\"/vaults/%s/backup-credentials\">"
             "Download</a></p>\n</section>\n",
             vault->id);
    portal_page_admission(page, place, store, vault);
    html_add(page, "<section class=\"card\" aria-labelledby=\"vault\">\n"
                   "<h2 id=\"vault\">Vault</h2>\n");
    put_essentials(page, vault);
    html_add(page, "</section>\n");
    return portal_page_end(&page);
}
