/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that say before a download what is downloaded. */
#include "tests/vault/portal_page.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "tests/vault/clock.h"
#include "tests/vault/machine.h"
#include "tests/vault/vault.h"

struct page {
    FILE *file;
    char *text;
    size_t size;
};

static void
put(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            (void)fputs("&lt;", file);
            break;
        case '>':
            (void)fputs("&gt;", file);
            break;
        case '&':
            (void)fputs("&amp;", file);
            break;
        case '"':
            (void)fputs("&quot;", file);
            break;
        case '\'':
            (void)fputs("&#39;", file);
            break;
        default:
            (void)fputc(*text, file);
        }
    }
}

static bool
begin(struct page *page, const char *title)
{
    *page = (struct page){0};
    page->file = open_memstream(&page->text, &page->size);
    if (page->file == NULL)
        return false;
    (void)fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                "<meta charset=\"utf-8\">\n<title>",
                page->file);
    put(page->file, title);
    (void)fputs("</title>\n</head>\n<body>\n<main>\n<h1>", page->file);
    put(page->file, title);
    (void)fputs("</h1>\n", page->file);
    return true;
}

static char *
end(struct page *page)
{
    (void)fputs("</main>\n</body>\n</html>\n", page->file);
    if (fclose(page->file) == 0)
        return page->text;
    free(page->text);
    return NULL;
}

static void
put_csrf(FILE *file, const char *csrf)
{
    (void)fputs("<input type=\"hidden\" name=\"csrf\" value=\"", file);
    put(file, csrf);
    (void)fputs("\">\n", file);
}

static void
put_logout(FILE *file, const char *csrf)
{
    (void)fputs("<form method=\"post\" action=\"/logout\">\n", file);
    put_csrf(file, csrf);
    (void)fputs("<button>Log out</button>\n</form>\n", file);
}

char *
portal_page_login(const char *csrf, const char *notice)
{
    struct page page;

    if (!begin(&page, "Log in"))
        return NULL;
    (void)fputs("<p role=\"alert\">", page.file);
    put(page.file, notice);
    (void)fputs("</p>\n<form method=\"post\" action=\"/login\">\n", page.file);
    put_csrf(page.file, csrf);
    (void)fputs("<p><label>Name <input name=\"name\" required "
                "autocomplete=\"username\"></label></p>\n"
                "<p><label>Password <input name=\"password\" type=\"password\" "
                "required autocomplete=\"current-password\"></label></p>\n"
                "<button>Log in</button>\n</form>\n",
                page.file);
    return end(&page);
}

static void
put_vault(void *context, const struct vault *vault)
{
    FILE *file = context;

    (void)fprintf(file, "<li><a href=\"/vaults/%s\">", vault->id);
    put(file, vault->name);
    (void)fputs("</a></li>\n", file);
}

char *
portal_page_vaults(struct store *store, const char *csrf)
{
    struct page page;

    if (!begin(&page, "Vaults"))
        return NULL;
    (void)fputs("<ul>\n", page.file);
    (void)vault_each(store, put_vault, page.file);
    (void)fputs("</ul>\n", page.file);
    put_logout(page.file, csrf);
    return end(&page);
}

static void
put_machine(void *context, const struct machine *machine)
{
    static const char *const states[] = {[MACHINE_REGISTERED] = "registered",
                                         [MACHINE_LEFT] = "has left",
                                         [MACHINE_REVOKED] = "revoked"};
    FILE *file = context;
    char when[CLOCK_TEXT];
    json_t *key_store = json_loads(machine->key_store, 0, NULL);
    const char *kind = json_string_value(json_object_get(key_store, "kind"));

    (void)fputs("<tr><td>", file);
    put(file, machine->name);
    (void)fprintf(file, "</td><td>%s</td><td>", machine->uuid);
    put(file, kind != NULL ? kind : "");
    if (json_is_true(json_object_get(key_store, "emulated")))
        (void)fputs(" <strong>(software emulation)</strong>", file);
    (void)fprintf(file, "</td><td>%s</td><td>%s</td></tr>\n",
                  clock_text(machine->registered, when),
                  states[machine->state]);
    json_decref(key_store);
}

static void
put_download(FILE *file, const struct vault *vault, const char *csrf)
{
    (void)fputs(
        "<h2>Backup credentials</h2>\n"
        "<p>The file holds a private key. It is only for registering: whoever "
        "has it can register machines with this vault. It is good for 48 "
        "hours, "
        "and downloading it again makes every earlier file useless. This "
        "service keeps no copy of the key. Registering wipes the file.</p>\n",
        file);
    (void)fprintf(file,
                  "<form method=\"post\" action=\"/vaults/%s/credentials\">\n",
                  vault->id);
    put_csrf(file, csrf);
    (void)fputs(
        "<p><label><input type=\"radio\" name=\"machines\" value=\"one\" "
        "checked> for one machine</label></p>\n"
        "<p><label><input type=\"radio\" name=\"machines\" "
        "value=\"several\"> for several machines</label></p>\n"
        "<button>Download vault credentials</button>\n</form>\n",
        file);
}

char *
portal_page_vault(struct store *store, const struct vault *vault,
                  const char *csrf)
{
    struct page page;

    if (!begin(&page, vault->name))
        return NULL;
    put_download(page.file, vault, csrf);
    (void)fputs("<h2>Registered machines</h2>\n<table>\n<tr><th>Name</th>"
                "<th>Machine</th><th>Key store</th><th>Registered</th>"
                "<th>State</th></tr>\n",
                page.file);
    (void)machine_each(store, vault->id, put_machine, page.file);
    (void)fputs("</table>\n<p><a href=\"/vaults\">All vaults</a></p>\n",
                page.file);
    put_logout(page.file, csrf);
    return end(&page);
}

char *
portal_page_refusal(const char *sentence)
{
    struct page page;

    if (!begin(&page, "Refused"))
        return NULL;
    (void)fputs("<p role=\"alert\">", page.file);
    put(page.file, sentence);
    (void)fputs("</p>\n<p><a href=\"/vaults\">All vaults</a></p>\n", page.file);
    return end(&page);
}
