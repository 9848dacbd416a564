/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked before something is done to a machine: one table, because the
 * pages differ in their words alone. */
#include "tests/vault/portal/page_machine.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/vault/portal/page.h"
#include "tests/vault/portal/page_credential.h"

#define NOTES 5
#define STATE(name) (1U << MACHINE_##name)

static const struct question {
    const char *word;
    unsigned states; /* that it fits */
    const char *title;
    const char *button;
    const char *notes[NOTES];
} questions[] = {
    [MACHINE_ACTION_REVOKE] =
        {"revoke",
         STATE(REGISTERED),
         "Revoke a machine",
         "Revoke this machine",
         {"Its access ends at once, also on connections that are open.",
          "Its backups stay until you delete them.",
          "The newest credentials file of this vault becomes useless, too.",
          "This cannot be taken back; another machine can take its place."}},
    [MACHINE_ACTION_REPLACE] =
        {"replace",
         STATE(REGISTERED) | STATE(LEFT) | STATE(REVOKED),
         "Replace a machine",
         "Download vault credentials",
         {"The file is for one machine. When that is registered, it takes this "
          "one's place and gets its backups.",
          "From then on this one has no access.",
          "The backups open with the passphrase they were made with, and with "
          "nothing else."}},
    [MACHINE_ACTION_PRUNE] =
        {"prune",
         STATE(REGISTERED),
         "Allow pruning",
         "Allow pruning for 24 hours",
         {"Otherwise a machine can only add to its backups.",
          "For 24 hours this one may delete what the vault received more than "
          "30 days ago, and add keys.",
          "Whoever has the machine's key can then do so, too, and newer "
          "backups may need what is deleted: allow it only while you "
          "prune."}},
    [MACHINE_ACTION_DELETE] = {
        "delete",
        STATE(LEFT) | STATE(REVOKED),
        "Delete backup data",
        "Delete the data for good",
        {"Every backup of this machine is deleted from the vault.",
         "Nobody can bring it back."}}};

const char *
portal_page_action_word(enum machine_action action)
{
    return questions[action].word;
}

bool
portal_page_action_fits(enum machine_action action, enum machine_state state)
{
    return (questions[action].states & (1U << state)) != 0;
}

static void
put_notes(struct html *page, const struct question *question)
{
    html_add(page, "<div class=\"note\"><ul>\n");
    for (int i = 0; i < NOTES && question->notes[i] != NULL; i++)
        html_add(page, "<li>%s</li>\n", question->notes[i]);
    html_add(page, "</ul></div>\n");
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

/* To the page's own address; a download is followed to the list. */
static void
put_form(struct html *page, enum machine_action action,
         const struct vault *vault, const struct machine *machine,
         const char *csrf)
{
    const struct question *question = &questions[action];
    char generation[24];

    (void)snprintf(generation, sizeof generation, "%" PRId64,
                   vault->generation);
    html_add(page, "<form method=\"post\" action=\"/vaults/%s/machines/%s/%s\"",
             vault->id, machine->uuid, question->word);
    if (action == MACHINE_ACTION_REPLACE)
        html_add(page,
                 " data-generation=\"%s\" "
                 "data-after=\"/vaults/%s/backup-credentials\"",
                 generation, vault->id);
    html_add(page, ">\n<input type=\"hidden\" name=\"csrf\" value=\"%s\">\n",
             csrf);
    if (action == MACHINE_ACTION_DELETE)
        html_add(page,
                 "<label class=\"field\">To confirm, type the machine's name "
                 "<input type=\"text\" name=\"confirm\" required "
                 "autocomplete=\"off\"></label>\n");
    html_add(page,
             "<p class=\"actions\"><button class=\"%s\">%s</button> "
             "<a class=\"button plain\" href=\"/vaults/%s/machines\">Cancel"
             "</a></p>\n</form>\n",
             action == MACHINE_ACTION_REPLACE ? "" : "danger", question->button,
             vault->id);
}

char *
portal_page_question(enum machine_action action, const struct vault *vault,
                     const struct machine *machine,
                     const struct person_session *session, const char *notice)
{
    const struct question *question = &questions[action];
    struct portal_view view = {.title = question->title,
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true,
                               .vault = vault,
                               .tab = PORTAL_TAB_MACHINES,
                               .deeper = true};
    struct html *page = portal_page_begin(&view);

    if (*notice != '\0')
        html_add(page, "<p class=\"alert\" role=\"alert\">%s</p>\n", notice);
    html_add(page, "<div class=\"card\">\n");
    put_which(page, machine);
    put_notes(page, question);
    if (action == MACHINE_ACTION_REPLACE)
        portal_page_warning(page);
    put_form(page, action, vault, machine, session->csrf);
    html_add(page, "</div>\n");
    return portal_page_end(&page);
}
