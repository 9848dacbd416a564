/* SPDX-License-Identifier: Apache-2.0 */
/* A file's state is told by the same rules that refuse it at the token
 * endpoint, so that the page cannot say anything else. */
#include "tests/vault/portal/page_credential.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/vault/service/credential.h"
#include "tests/vault/service/credential_file.h"
#include "tests/vault/portal/page.h"

void
portal_page_warning(struct html *page)
{
    html_add(
        page,
        "<div class=\"note\">\n<strong>Before you download</strong>\n<ul>\n"
        "<li>The file holds a private key. It is only for registering machines "
        "with this vault.</li>\n"
        "<li>It is good for 48 hours, and a new download makes every earlier "
        "file useless.</li>\n"
        "<li>Whoever has it can register machines, but cannot read existing "
        "backups: those open with the passphrase alone.</li>\n"
        "<li>This service keeps no copy of the key.</li>\n"
        "<li>Check who can read the folder or share that you save it to."
        "</li>\n</ul>\n</div>\n");
}

void
portal_page_download(struct html *page, const struct vault *vault,
                     const char *csrf)
{
    char generation[24];

    (void)snprintf(generation, sizeof generation, "%" PRId64,
                   vault->generation);
    portal_page_warning(page);
    html_add(page,
             "<form method=\"post\" action=\"/vaults/%s/credentials\" "
             "data-generation=\"%s\" "
             "data-after=\"/vaults/%s/backup-credentials\">\n"
             "<input type=\"hidden\" name=\"csrf\" value=\"%s\">\n"
             "<fieldset>\n<legend>The file may register</legend>\n"
             "<label><input type=\"radio\" name=\"machines\" value=\"one\" "
             "checked>one machine, and is useless after that</label>\n"
             "<label><input type=\"radio\" name=\"machines\" "
             "value=\"several\">several machines, until it ends</label>\n"
             "</fieldset>\n<button>Download vault credentials</button>\n"
             "</form>\n<p class=\"quiet\">Afterwards: "
             "<a href=\"/vaults/%s/backup-credentials\">the file's thumbprint, "
             "end and state</a></p>\n",
             vault->id, generation, vault->id, csrf, vault->id);
}

static const char *
say_for(const struct credential *credential)
{
    if (credential->replaces[0] != '\0')
        return "one machine, in another's place";
    return credential->one_machine ? "one machine" : "several machines";
}

static void
put_state(struct html *page, enum refusal refusal)
{
    static const struct {
        enum refusal refusal;
        const char *kind;
        const char *word;
    } states[] = {{REFUSAL_NONE, "good", "Latest"},
                  {REFUSAL_SUPERSEDED, "", "Superseded"},
                  {REFUSAL_RETIRED, "", "Retired"},
                  {REFUSAL_EXPIRED, "warn", "Expired"},
                  {REFUSAL_REVOKED, "bad", "Revoked"}};

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (states[i].refusal == refusal)
            html_add(page, "<span class=\"state %s\">%s</span>", states[i].kind,
                     states[i].word);
}

struct credential_list {
    struct html *page;
    int64_t now;
    int count;
};

/* The seconds that are left run by portal.js; without it they say when the page
 * was made. */
static void
put_countdown(struct html *page, int64_t left)
{
    char seconds[24];
    char text[32];

    (void)snprintf(seconds, sizeof seconds, "%" PRId64, left);
    (void)snprintf(text, sizeof text, "%02" PRId64 ":%02" PRId64 ":%02" PRId64,
                   left / 3600, left / 60 % 60, left % 60);
    html_add(page,
             " <span class=\"quiet\">(<span class=\"countdown\" "
             "role=\"timer\" data-left=\"%s\">%s</span> left)</span>",
             seconds, text);
}

/* The newest download in full. */
static void
put_latest(struct html *page, const struct credential *credential,
           enum refusal refusal, int64_t now)
{
    char name[CREDENTIAL_FILE_NAME_MAX];
    char generation[24];

    credential_file_name(&credential->vault, credential->made, name);
    (void)snprintf(generation, sizeof generation, "%" PRId64,
                   credential->generation);
    html_add(page, "<section class=\"card\" aria-labelledby=\"latest\">\n"
                   "<h2 id=\"latest\">The newest file</h2>\n"
                   "<dl class=\"facts\">\n<dt>State</dt><dd>");
    put_state(page, refusal);
    html_add(page,
             "</dd>\n<dt>File name</dt><dd>%s</dd>\n<dt>Thumbprint</dt>"
             "<dd class=\"code\">%s</dd>\n<dt>Generation</dt><dd>%s</dd>\n"
             "<dt>For</dt><dd>%s</dd>\n<dt>Downloaded</dt><dd>",
             name, credential->sha256, generation, say_for(credential));
    html_time(page, credential->made);
    html_add(page, "</dd>\n<dt>Ends</dt><dd>");
    html_time(page, credential_end(credential));
    if (refusal == REFUSAL_NONE)
        put_countdown(page, credential_end(credential) - now);
    html_add(page, "</dd>\n</dl>\n<p class=\"quiet\">Thumbprint: SHA-256 of "
                   "the certificate, as <code>holdfast show</code> prints it."
                   "</p>\n</section>\n");
}

static void
put_earlier(struct html *page, const struct credential *credential,
            enum refusal refusal)
{
    char name[CREDENTIAL_FILE_NAME_MAX];
    char generation[24];

    credential_file_name(&credential->vault, credential->made, name);
    (void)snprintf(generation, sizeof generation, "%" PRId64,
                   credential->generation);
    html_add(page,
             "<tr role=\"row\"><td role=\"cell\" data-label=\"File\">"
             "<span>%s</span><span class=\"quiet code\">%s</span></td>"
             "<td role=\"cell\" data-label=\"Generation\"><span>%s</span></td>"
             "<td role=\"cell\" data-label=\"For\"><span>%s</span></td>"
             "<td role=\"cell\" data-label=\"Downloaded\">",
             name, credential->sha256, generation, say_for(credential));
    html_time(page, credential->made);
    html_add(page, "</td><td role=\"cell\" data-label=\"State\">");
    put_state(page, refusal);
    html_add(page, "</td></tr>\n");
}

static void
put_credential(void *context, const struct credential *credential)
{
    struct credential_list *list = context;
    char sentence[CREDENTIAL_SENTENCE];
    enum refusal refusal = credential_standing(credential, list->now, sentence);

    if (list->count == 0)
        put_latest(list->page, credential, refusal, list->now);
    else if (list->count == 1)
        html_add(list->page,
                 "<section class=\"card\" aria-labelledby=\"earlier\">\n"
                 "<h2 id=\"earlier\">Earlier files</h2>\n"
                 "<table role=\"table\">\n<caption>The newest first</caption>\n"
                 "<thead role=\"rowgroup\"><tr role=\"row\">"
                 "<th role=\"columnheader\" scope=\"col\">File</th>"
                 "<th role=\"columnheader\" scope=\"col\">Generation</th>"
                 "<th role=\"columnheader\" scope=\"col\">For</th>"
                 "<th role=\"columnheader\" scope=\"col\">Downloaded</th>"
                 "<th role=\"columnheader\" scope=\"col\">State</th>"
                 "</tr></thead>\n<tbody role=\"rowgroup\">\n");
    if (list->count > 0)
        put_earlier(list->page, credential, refusal);
    list->count++;
}

char *
portal_page_credentials(struct store *store, const struct vault *vault,
                        const struct person_session *session, int64_t now)
{
    struct portal_view view = {.title = "Backup Credentials",
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true,
                               .vault = vault,
                               .tab = PORTAL_TAB_PROPERTIES,
                               .deeper = true};
    struct html *page = portal_page_begin(&view);
    struct credential_list list = {.page = page, .now = now};

    (void)credential_each(store, vault->id, put_credential, &list);
    if (list.count == 0)
        html_add(page, "<p class=\"card\">No file has been downloaded yet."
                       "</p>\n");
    if (list.count > 1)
        html_add(page, "</tbody>\n</table>\n</section>\n");
    html_add(page, "<section class=\"card\" aria-labelledby=\"download\">\n"
                   "<h2 id=\"download\">Download</h2>\n");
    portal_page_download(page, vault, session->csrf);
    html_add(page, "</section>\n");
    return portal_page_end(&page);
}
