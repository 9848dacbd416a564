/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a vault lets in, and what a machine proved. */
#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "tests/vault/attestation/envelope.h"
#include "tests/vault/portal/page_assurance.h"
#include "tests/vault/portal/page_policy.h"
#include "tests/vault/portal/portal.h"
#include "tests/vault/portal/session.h"
#include "tests/vault/service/evidence.h"

#define PATH_MAX_HERE (VAULT_ID_MAX + 24)

void
portal_policy_form(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct policy policy;

    if (portal_session_need(exchange, &session) &&
        portal_session_need_vault(exchange, &vault)) {
        if (policy_read(exchange->service->store, vault.id, &policy))
            portal_session_page(
                exchange, 200,
                portal_page_policy(&vault, policy.level, &session, ""));
        else
            exchange_fault(exchange);
    }
}

/* A word that this page did not offer is one that somebody made up. */
static bool
find_level(const char *word, enum policy_level *ret)
{
    for (int i = 0; word != NULL && i < POLICY__MAX; i++)
        if (strcmp(word, policy_word((enum policy_level)i)) == 0) {
            *ret = (enum policy_level)i;
            return true;
        }
    return false;
}

void
portal_policy(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct form form = {0};
    enum policy_level level;
    char path[PATH_MAX_HERE];

    if (portal_session_need_form(exchange, &session, &form) &&
        portal_session_need_vault(exchange, &vault)) {
        if (!find_level(form_get(&form, "policy"), &level))
            portal_session_page(exchange, 400,
                                portal_page_policy(&vault, POLICY__MAX,
                                                   &session,
                                                   "Choose one of them."));
        else if (!policy_set_level(exchange->service->store, vault.id, level))
            exchange_fault(exchange);
        else {
            (void)snprintf(path, sizeof path, "/vaults/%s/properties",
                           vault.id);
            portal_session_go(exchange, path);
        }
    }
    form_clear(&form);
}

void
portal_machine(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct machine machine = {0};

    if (portal_session_need(exchange, &session) &&
        portal_session_need_machine(exchange, &vault, &machine))
        portal_session_page(exchange, 200,
                            portal_page_machine(exchange->service->store,
                                                &vault, &machine, &session));
    machine_clear(&machine);
}

/* --- the file --- */

static enum attestation_trusted
find_trusted(const json_t *verdict)
{
    const char *word = json_string_value(json_object_get(verdict, "trusted"));

    if (word != NULL && strcmp(word, "chain") == 0)
        return ATTESTATION_BY_CHAIN;
    return word != NULL && strcmp(word, "list") == 0 ? ATTESTATION_BY_LIST
                                                     : ATTESTATION_UNKNOWN;
}

/* The file's text; NULL after a fault. */
static char *
make_file(struct exchange *exchange, const struct machine *machine,
          const struct evidence *evidence)
{
    json_t *statements = json_loads(evidence->statements, 0, NULL);
    const char *nonce = json_string_value(json_object_get(statements, "nonce"));
    struct attestation_expected expected = {.nonce = nonce,
                                            .vault = machine->vault};
    X509 *ak = encoding_certificate(evidence->ak_certificate);
    struct assurance assurance;
    struct envelope_plan plan = {
        .machine = machine->uuid,
        .time = evidence->at,
        .trusted = find_trusted(evidence->verdict),
        .offer = evidence->offer,
        .evidence = statements,
        .expected = &expected,
        .machine_key = X509_get0_pubkey(machine->certificate),
        .ak_certificate = ak,
        .authority = ak != NULL ? exchange->service->attestation_ca : NULL};
    char *text = NULL;

    evidence_assure(machine->key_store, evidence, &assurance);
    plan.origin = assurance.origin;
    plan.proof = assurance.proof;
    plan.emulated = assurance.emulated;
    if (nonce != NULL &&
        encoding_from_hex(evidence->caller, expected.certificate_sha256,
                          sizeof expected.certificate_sha256))
        text = envelope_make(&plan);
    X509_free(ak);
    json_decref(statements);
    return text;
}

void
portal_evidence(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct machine machine = {0};
    struct evidence evidence = {0};

    if (portal_session_need(exchange, &session) &&
        portal_session_need_machine(exchange, &vault, &machine)) {
        if (!evidence_find(exchange->service->store, machine.uuid, &evidence))
            portal_session_refuse(exchange, 404,
                                  "This machine has given no evidence.");
        else {
            exchange_text(exchange, 200, "application/json",
                          make_file(exchange, &machine, &evidence));
            if (exchange->status == 200) {
                exchange_add(exchange, "Content-Disposition",
                             "attachment; filename=\"%s.evidence.json\"",
                             machine.uuid);
                exchange_add(exchange, "X-Content-Type-Options", "nosniff");
            }
        }
    }
    evidence_clear(&evidence);
    machine_clear(&machine);
}
