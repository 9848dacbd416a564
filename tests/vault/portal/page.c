/* SPDX-License-Identifier: Apache-2.0 */
/* The frame.  No page has a script or a style of its own in it: the policy that
 * goes with it (portal/session.c) forbids both. */
#include "tests/vault/portal/page.h"

#include <stddef.h>

#define VAULTS "Recovery Services vaults"

static const struct {
    const char *name;
    const char *path; /* behind the vault's own */
} tabs[] = {[PORTAL_TAB_OVERVIEW] = {"Overview", ""},
            [PORTAL_TAB_PROPERTIES] = {"Properties", "/properties"},
            [PORTAL_TAB_MACHINES] = {"Registered machines", "/machines"}};

static void
put_header(struct html *page, const struct portal_view *view)
{
    html_add(page,
             "<body>\n<a class=\"skip\" href=\"#content\">Skip to the content"
             "</a>\n<header><div>\n<a class=\"brand\" href=\"/services\">"
             "<img src=\"/portal.svg\" width=\"28\" height=\"28\" alt=\"\">"
             "Backup vault portal</a>\n");
    if (view->person != NULL) {
        portal_page_form(page, view->csrf, "/logout");
        html_add(page,
                 "<div class=\"account\"><span>Signed in as %s</span>"
                 "<button class=\"plain\">Sign out</button></div>\n</form>\n",
                 view->person);
    }
    html_add(page, "</div></header>\n<main id=\"content\">\n");
}

/* Links to where the page lies, down to the one above it. */
static void
put_trail(struct html *page, const struct portal_view *view)
{
    const struct vault *vault = view->vault;

    if (!view->vaults)
        return;
    html_add(page, "<nav class=\"trail\" aria-label=\"Breadcrumb\"><ol>\n"
                   "<li><a href=\"/services\">All services</a></li>\n");
    if (vault != NULL || view->deeper)
        html_add(page, "<li><a href=\"/vaults\">" VAULTS "</a></li>\n");
    if (vault != NULL && (view->deeper || view->tab != PORTAL_TAB_OVERVIEW))
        html_add(page, "<li><a href=\"/vaults/%s\">%s</a></li>\n", vault->id,
                 vault->name);
    if (vault != NULL && view->deeper)
        html_add(page, "<li><a href=\"/vaults/%s%s\">%s</a></li>\n", vault->id,
                 tabs[view->tab].path, tabs[view->tab].name);
    html_add(page, "</ol></nav>\n");
}

static void
put_tabs(struct html *page, const struct portal_view *view)
{
    if (view->vault == NULL)
        return;
    html_add(page, "<nav class=\"tabs\" aria-label=\"Vault\"><ul>\n");
    for (int i = PORTAL_TAB_OVERVIEW; i <= PORTAL_TAB_MACHINES; i++) {
        html_add(page, "<li><a href=\"/vaults/%s%s\"", view->vault->id,
                 tabs[i].path);
        if (i == (int)view->tab)
            html_add(page, " aria-current=\"%s\"",
                     view->deeper ? "true" : "page");
        html_add(page, ">%s</a></li>\n", tabs[i].name);
    }
    html_add(page, "</ul></nav>\n");
}

struct html *
portal_page_begin(const struct portal_view *view)
{
    struct html *page = html_new();
    bool within = view->vault != NULL && view->tab != PORTAL_TAB_OVERVIEW;

    html_add(page,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\">\n<title>%s",
             view->title);
    if (within)
        html_add(page, " - %s", view->vault->name);
    html_add(page,
             " - Backup vault portal</title>\n"
             "<meta name=\"viewport\" content=\"width=device-width, "
             "initial-scale=1\">\n"
             "<link rel=\"icon\" href=\"/portal.svg\" type=\"image/svg+xml\">\n"
             "<link rel=\"stylesheet\" href=\"/portal.css\">\n"
             "<script src=\"/portal.js\" defer></script>\n</head>\n");
    put_header(page, view);
    put_trail(page, view);
    html_add(page, "<h1>%s</h1>\n", view->title);
    put_tabs(page, view);
    return page;
}

char *
portal_page_end(struct html **page)
{
    html_add(*page, "</main>\n<footer>A local vault service for tests and "
                    "demonstrations. It is not Microsoft Azure.</footer>\n"
                    "</body>\n</html>\n");
    return html_end(page);
}

void
portal_page_form(struct html *page, const char *csrf, const char *action)
{
    html_add(page,
             "<form method=\"post\" action=\"%s\">\n<input type=\"hidden\" "
             "name=\"csrf\" value=\"%s\">\n",
             action, csrf);
}

char *
portal_page_login(const char *csrf, const char *notice)
{
    static const struct portal_view view = {.title = "Sign in"};
    struct html *page = portal_page_begin(&view);

    if (*notice != '\0')
        html_add(page, "<p class=\"alert\" role=\"alert\">%s</p>\n", notice);
    html_add(page, "<div class=\"card narrow\">\n");
    portal_page_form(page, csrf, "/login");
    html_add(page,
             "<label class=\"field\">Name <input type=\"text\" name=\"name\" "
             "required autocomplete=\"username\"></label>\n"
             "<label class=\"field\">Password <input type=\"password\" "
             "name=\"password\" required autocomplete=\"current-password\">"
             "</label>\n<p><button>Sign in</button></p>\n</form>\n</div>\n");
    return portal_page_end(&page);
}

char *
portal_page_refusal(const char *sentence)
{
    static const struct portal_view view = {.title = "Not possible"};
    struct html *page = portal_page_begin(&view);

    html_add(page,
             "<p class=\"alert\" role=\"alert\">%s</p>\n"
             "<p><a href=\"/vaults\">To the vaults</a></p>\n",
             sentence);
    return portal_page_end(&page);
}
