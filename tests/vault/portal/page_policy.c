/* SPDX-License-Identifier: Apache-2.0 */
/* Roots, EKs and PCRs are shown, and set with vaultctl: they come as files and
 * lists, from machines that an administrator has collected. */
#include "tests/vault/portal/page_policy.h"

#include <stdio.h>
#include <string.h>

#include "tests/vault/portal/page.h"

static const char *const meanings[] = {
    [POLICY_ANY] = "any: every machine with a credentials file of this vault.",
    [POLICY_BORN] = "born: a machine whose key is said to be born in a token, "
                    "and an emulation only where this vault trusts its TPM.",
    [POLICY_EK_VERIFIED] = "EK-verified: a machine whose TPM proves that the "
                           "key was born in it, and whose endorsement key "
                           "this vault trusts.",
};

struct list {
    struct html *page;
    int count;
};

static void
put_item(void *context, const char *text)
{
    struct list *list = context;

    list->count++;
    html_add(list->page, "<span class=\"line\">%s</span>\n", text);
}

static void
put_none(const struct list *list)
{
    if (list->count == 0)
        html_add(list->page, "none");
}

static void
put_pcrs(struct html *page, const char *pcrs)
{
    char item[80];
    struct list list = {.page = page};

    while (*pcrs != '\0') {
        size_t length = strcspn(pcrs, ",");

        (void)snprintf(item, sizeof item, "%.*s", (int)length, pcrs);
        put_item(&list, item);
        pcrs += length;
        pcrs += *pcrs == ',' ? 1 : 0;
    }
    put_none(&list);
}

void
portal_page_admission(struct html *page, const struct place *place,
                      struct store *store, const struct vault *vault)
{
    struct policy policy;
    struct list roots = {.page = page};
    struct list eks = {.page = page};

    (void)policy_read(store, vault->id, &policy);
    html_add(page,
             "<section class=\"card\" aria-labelledby=\"policy\">\n"
             "<h2 id=\"policy\">Machines that are let in</h2>\n"
             "<dl class=\"facts\">\n<dt>Policy</dt><dd>%s</dd>\n"
             "<dt>PCRs wanted</dt><dd class=\"code\">",
             policy_word(policy.level));
    put_pcrs(page, policy.pcrs);
    html_add(page, "</dd>\n<dt>Roots of TPM makers</dt><dd>");
    (void)policy_each_root(place, vault->id, put_item, &roots);
    put_none(&roots);
    html_add(page, "</dd>\n<dt>Allowed endorsement keys</dt>"
                   "<dd class=\"code\">");
    (void)policy_each_allowed(store, vault->id, put_item, &eks);
    put_none(&eks);
    html_add(page,
             "</dd>\n</dl>\n<p>%s</p>\n<p><a class=\"button\" "
             "href=\"/vaults/%s/policy\">Change the policy</a></p>\n"
             "</section>\n",
             meanings[policy.level], vault->id);
}

char *
portal_page_policy(const struct vault *vault, enum policy_level level,
                   const struct person_session *session, const char *notice)
{
    struct portal_view view = {.title = "Machines that are let in",
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true,
                               .vault = vault,
                               .tab = PORTAL_TAB_PROPERTIES,
                               .deeper = true};
    struct html *page = portal_page_begin(&view);

    if (*notice != '\0')
        html_add(page, "<p class=\"alert\" role=\"alert\">%s</p>\n", notice);
    html_add(page,
             "<div class=\"card\">\n<form method=\"post\" "
             "action=\"/vaults/%s/policy\">\n"
             "<input type=\"hidden\" name=\"csrf\" value=\"%s\">\n"
             "<fieldset>\n<legend>Let in</legend>\n",
             vault->id, session->csrf);
    for (int i = 0; i < POLICY__MAX; i++)
        html_add(page,
                 i == (int)level
                     ? "<label><input type=\"radio\" "
                       "name=\"policy\" value=\"%s\" checked> %s</label>\n"
                     : "<label><input type=\"radio\" "
                       "name=\"policy\" value=\"%s\"> %s</label>\n",
                 policy_word((enum policy_level)i), meanings[i]);
    html_add(page,
             "</fieldset>\n<p class=\"quiet\">Machines that are registered "
             "stay so.</p>\n<p class=\"actions\"><button>Set the policy"
             "</button> <a class=\"button plain\" "
             "href=\"/vaults/%s/properties\">Cancel</a></p>\n</form>\n"
             "</div>\n",
             vault->id);
    return portal_page_end(&page);
}
