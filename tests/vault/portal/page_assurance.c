/* SPDX-License-Identifier: Apache-2.0 */
/* Origin and proof in the words of docs/attestation.md, which are the state's
 * and the report's, too. */
#include "tests/vault/portal/page_assurance.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "tests/vault/portal/page.h"
#include "tests/vault/portal/page_machine.h"
#include "tests/vault/service/evidence.h"

const char *
portal_page_key_store(const struct machine *machine)
{
    static const char *const names[][2] = {
        {"pkcs11", "PKCS#11 token"}, {"tpm2", "TPM 2.0"}, {"soft", "Software"}};
    json_t *key_store = json_loads(machine->key_store, 0, NULL);
    const char *kind = json_string_value(json_object_get(key_store, "kind"));
    const char *name = "Unknown";

    for (size_t i = 0; kind != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(kind, names[i][0]) == 0)
            name = names[i][1];
    json_decref(key_store);
    return name;
}

static void
put_fact(struct html *page, const char *name, const char *value)
{
    html_add(page, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

static void
put_machine(struct html *page, const struct machine *machine)
{
    html_add(page,
             "<section class=\"card\" aria-labelledby=\"machine\">\n"
             "<h2 id=\"machine\">Machine</h2>\n<dl class=\"facts\">\n"
             "<dt>Name</dt><dd>%s</dd>\n"
             "<dt>UUID</dt><dd class=\"code\">%s</dd>\n"
             "<dt>State</dt><dd>",
             machine->name, machine->uuid);
    portal_page_state(page, machine->state);
    html_add(page, "</dd>\n<dt>Registered</dt><dd>");
    html_time(page, machine->registered);
    html_add(page, "</dd>\n</dl>\n</section>\n");
}

static const char *
explain(const struct assurance *assurance)
{
    if (strcmp(assurance->proof, "EK-verified") == 0)
        return "The key was born in a TPM, which an attestation key of that "
               "TPM certifies, and this vault's owner trusts the TPM's "
               "endorsement key.";
    if (strcmp(assurance->proof, "certified") == 0)
        return "An attestation key certifies that the key was born in its "
               "TPM. Nobody whom this vault's owner trusts says who made that "
               "TPM.";
    return "So says the process that holds the key, and nothing proves it.";
}

static void
put_key(struct html *page, const struct machine *machine,
        const struct assurance *assurance)
{
    html_add(page,
             "<section class=\"card\" aria-labelledby=\"key\">\n"
             "<h2 id=\"key\">Key</h2>\n<dl class=\"facts\">\n"
             "<dt>Key store</dt><dd>%s",
             portal_page_key_store(machine));
    if (assurance->emulated)
        html_add(page, " <strong class=\"state warn\">Emulation</strong>");
    html_add(page, "</dd>\n");
    put_fact(page, "Origin", assurance->origin);
    put_fact(page, "Proof", assurance->proof);
    html_add(page, "</dl>\n<p class=\"quiet\">%s</p>\n</section>\n",
             explain(assurance));
}

/* --- what proves it --- */

static void
put_lines(struct html *page, const char *text)
{
    char line[1024];

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        (void)snprintf(line, sizeof line, "%.*s", (int)length, text);
        html_add(page, "<span class=\"line\">%s</span>\n", line);
        text += length;
        text += *text == '\n' ? 1 : 0;
    }
}

static void
put_trust(struct html *page, const json_t *verdict)
{
    const char *trusted = json_string_value(
        json_object_get(verdict, "trusted"));
    const char *chain = json_string_value(json_object_get(verdict, "chain"));

    html_add(page, "<dt>Trusted by</dt><dd>");
    if (trusted != NULL && strcmp(trusted, "chain") == 0) {
        html_add(page, "<span class=\"line\">its certificate, issued by</span>"
                       "\n");
        put_lines(page, chain != NULL ? chain : "");
    } else
        html_add(page, "%s",
                 trusted != NULL && strcmp(trusted, "list") == 0
                     ? "the list of allowed endorsement keys"
                     : "nobody");
    html_add(page, "</dd>\n");
}

static void
put_maker(struct html *page, const json_t *maker)
{
    static const char *const names[][2] = {{"manufacturer", "TPM maker"},
                                           {"model", "TPM model"},
                                           {"version", "TPM version"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = json_string_value(
            json_object_get(maker, names[i][0]));

        if (text != NULL && *text != '\0')
            put_fact(page, names[i][1], text);
    }
}

static void
put_pcrs(struct html *page, json_t *pcrs)
{
    const char *number;
    json_t *value;

    html_add(page, "<dt>PCRs quoted</dt><dd class=\"code\">");
    if (json_object_size(pcrs) == 0)
        html_add(page, "none");
    json_object_foreach(pcrs, number, value)
        html_add(page, "<span class=\"line\">%s: %s</span>\n", number,
                 json_string_value(value));
    html_add(page, "</dd>\n");
}

static void
put_evidence(struct html *page, const struct machine *machine,
             const struct evidence *evidence)
{
    const json_t *verdict = evidence->verdict;
    const char *algorithm = json_string_value(
        json_object_get(verdict, "ek_algorithm"));

    html_add(page,
             "<section class=\"card\" aria-labelledby=\"evidence\">\n"
             "<h2 id=\"evidence\">Evidence</h2>\n<dl class=\"facts\">\n"
             "<dt>Endorsement key</dt><dd>%s, SHA-256 "
             "<span class=\"code\">%s</span></dd>\n",
             algorithm != NULL ? algorithm : "", evidence->ek);
    put_trust(page, verdict);
    put_maker(page, json_object_get(verdict, "maker"));
    put_pcrs(page, json_object_get(verdict, "pcrs"));
    html_add(page, "<dt>Given</dt><dd>");
    html_time(page, evidence->at);
    html_add(
        page,
        "</dd>\n<dt>Verifier's version</dt><dd>%s</dd>\n</dl>\n"
        "<p>The file has the machine's statements and what vouches for them; "
        "it can be checked without this vault.</p>\n<p><a class=\"button\" "
        "href=\"/vaults/%s/machines/%s/evidence\">Download the evidence"
        "</a></p>\n</section>\n",
        evidence->verifier, machine->vault, machine->uuid);
}

char *
portal_page_machine(struct store *store, const struct vault *vault,
                    const struct machine *machine,
                    const struct person_session *session)
{
    struct portal_view view = {.title = machine->name,
                               .person = session->person,
                               .csrf = session->csrf,
                               .vaults = true,
                               .vault = vault,
                               .tab = PORTAL_TAB_MACHINES,
                               .deeper = true};
    struct html *page = portal_page_begin(&view);
    struct evidence evidence;
    struct assurance assurance;
    bool found = evidence_find(store, machine->uuid, &evidence);

    evidence_assure(machine->key_store, &evidence, &assurance);
    put_machine(page, machine);
    put_key(page, machine, &assurance);
    if (found)
        put_evidence(page, machine, &evidence);
    evidence_clear(&evidence);
    return portal_page_end(&page);
}
