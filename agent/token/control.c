/* SPDX-License-Identifier: Apache-2.0 */
/* The control channel of holdfast-token: what holdfast may ask for, when, and
 * how often.  The state machine is the table at the end. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "agent/sandbox/module_socket.h"
#include "agent/sandbox/sandbox.h"
#include "agent/token/token.h"
#include "hsm/pkcs11/pkcs11.h"
#include "hsm/pkcs11/uri.h"
#include "hsm/tpm2/tpm2.h"
#include "hsm/tpm2/look.h"
#include "keystore/store/backend.h"
#include "keystore/store/prove.h"

static const struct keystore_ops *const backends[] = {
    &keystore_soft_ops,
    &hsm_pkcs11_ops,
    &hsm_tpm2_ops,
    NULL,
};

static enum ks_err
resolve(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_resolve request;
    struct pkcs11_uri parsed = {.module = ""};
    const struct keystore_kind *kind;
    enum ks_err rc = layout_token_resolve_take(msg, &request, cause);

    (void)token;
    if (rc != KS_OK)
        return rc;
    kind = keystore_kind_of_uri(request.uri);
    if (kind == &keystore_kind_tpm2) {
        rc = tpm2_look_uri(request.uri, cause);
    } else if (kind != &keystore_kind_soft) {
        kind = &keystore_kind_pkcs11;
        rc = pkcs11_uri_parse(request.uri, &parsed, cause);
    }
    if (rc == KS_OK)
        LAYOUT_PUT(msg, token_resolve_answer, .scheme = kind->scheme,
                   .module = parsed.module, .module_name = parsed.module_name,
                   .label = parsed.token, .maker = parsed.manufacturer,
                   .model = parsed.model, .serial = parsed.serial);
    return rc;
}

static enum ks_err
look(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_look request;
    struct tpm2_look look;
    const struct tpm2_look *from = &look;
    enum ks_err rc = layout_token_look_take(msg, &request, cause);

    (void)token;
    if (rc == KS_OK)
        rc = tpm2_look(request.uri, request.serial, &look, cause);
    if (rc == KS_OK)
        LAYOUT_PUT(msg, token_look_answer,
                   LAYOUT_TOKEN_LOOK_ANSWER(LAYOUT_GIVE));
    return rc;
}

/* Done, where RC is KS_OK. */
static enum ks_err
done(struct msg *msg, enum ks_err rc)
{
    if (rc == KS_OK)
        layout_done_put(msg);
    return rc;
}

static enum ks_err
read_pin(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_read_pin request;
    char prompt[LAYOUT_PROMPT_MAX + 1];
    enum ks_err rc = layout_token_read_pin_take(msg, &request, cause);

    (void)token;
    if (rc != KS_OK)
        return rc;
    layout_copy(request.prompt, prompt, sizeof prompt);
    return done(msg, token_read_pin(prompt, cause));
}

static enum ks_err
read_passphrase(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_read_passphrase request;
    char prompt[LAYOUT_PROMPT_MAX + 1];
    enum ks_err rc = layout_token_read_passphrase_take(msg, &request, cause);

    (void)token;
    if (rc != KS_OK)
        return rc;
    layout_copy(request.prompt, prompt, sizeof prompt);
    return done(msg, token_read_passphrase(prompt, request.new, cause));
}

static enum ks_err
make_passphrase(struct token *token, struct msg *msg, struct err_cause *cause)
{
    enum ks_err rc = layout_bare_take(msg, cause);

    (void)token;
    return rc == KS_OK ? done(msg, token_make_passphrase(cause)) : rc;
}

static void
answer_store(struct msg *msg, const struct keystore_info *from)
{
    LAYOUT_PUT(msg, token_open_answer, .scheme = from->kind->scheme,
               LAYOUT_STORE(LAYOUT_GIVE));
}

/* The TSS makes a context of OpenSSL's for every hash, into which the names of
 * all old algorithms are copied: with a TPM there is only the digest that
 * certificate requests are checked with.  A PKCS#11 module may want any. */
static enum ks_err
name_few_algorithms(struct err_cause *cause)
{
    uint64_t none = OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
                    OPENSSL_INIT_NO_ADD_ALL_DIGESTS;

    return OPENSSL_init_crypto(none, NULL) == 1 &&
                   EVP_add_digest(EVP_sha256()) == 1
               ? KS_OK
               : err_set_openssl(cause, KS_ERR_INTERNAL, "OpenSSL's digests");
}

static enum ks_err
open_store(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_open request;
    struct keystore_config config;
    struct secret *pin = NULL;
    enum ks_err rc = layout_token_open_take(msg, &request, cause);

    if (rc == KS_OK && request.phase >= STATEMENT_PHASE__MAX)
        rc = msg_malformed_request(cause);
    if (rc == KS_OK && channel_has(CHANNEL_FD_PIN))
        rc = secret_read_sealed(CHANNEL_FD_PIN, PIN_MAX, &pin, cause);
    if (rc != KS_OK)
        return rc;
    config = (struct keystore_config){
        .uri = request.uri,
        .serial = *request.serial != '\0' ? request.serial : NULL,
        .module = *request.module != '\0' ? request.module : NULL,
        .allow_emulation = request.allow_emulation,
        .keys_fd = channel_has(CHANNEL_FD_KEYS) ? CHANNEL_FD_KEYS : -1,
        .pin = pin};
    if (keystore_kind_of_uri(config.uri) == &keystore_kind_tpm2)
        rc = name_few_algorithms(cause);
    if (rc == KS_OK)
        rc = sandbox_leave_terminal(cause);
    if (rc == KS_OK)
        rc = keystore_open(backends, &config, &token->ks, cause);
    secret_free(&pin);
    if (rc != KS_OK)
        return rc;
    token->ledger.phase = (enum statement_phase)request.phase;
    answer_store(msg, keystore_info(token->ks));
    return KS_OK;
}

static void
keep(char ret[static LAYOUT_FIELD_MAX + 1], const char *text)
{
    (void)snprintf(ret, LAYOUT_FIELD_MAX + 1, "%s", text);
}

/* An older scheme was asked for: whether the token has it shows now, not in the
 * middle of the vault's protocol. */
static enum ks_err
probe(struct token *token, enum keystore_scheme scheme, struct err_cause *cause)
{
    struct keystore_key *key = token->identity[STATEMENT_CREDENTIAL].key;

    if (key == NULL || scheme == scheme_of_key(keystore_key_public(key)))
        return KS_OK;
    return prove_scheme(key, scheme, cause);
}

static enum ks_err
plan(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct token_plan *plan = &token->plan;
    struct layout_token_plan request;
    const struct layout_bytes *hash = &request.machine_key;
    enum ks_err rc = layout_token_plan_take(msg, &request, cause);

    if (rc == KS_OK &&
        (request.scheme == 0 || request.scheme >= KEYSTORE_SCHEME__MAX ||
         request.attest >= ATTESTATION_MODE__MAX ||
         (hash->length != 0 && hash->length != sizeof plan->machine_key)))
        rc = msg_malformed_request(cause);
    if (rc != KS_OK)
        return rc;
    keep(plan->client_id, request.client_id);
    keep(plan->token_endpoint, request.token_endpoint);
    keep(plan->resource, request.resource);
    keep(plan->vault, request.vault);
    plan->scheme = (enum keystore_scheme)request.scheme;
    plan->attest = (enum attestation_mode)request.attest;
    plan->resumes = hash->length != 0;
    if (plan->resumes)
        memcpy(plan->machine_key, hash->at, hash->length);
    return done(msg, probe(token, plan->scheme, cause));
}

#define IMPORT (1u << STATEMENT_PHASE_IMPORT)
#define ENROL (1u << STATEMENT_PHASE_ENROL)
#define MACHINE (1u << STATEMENT_PHASE_MACHINE)

/* Without phases: before the store is open, and only then. */
static const struct {
    enum channel_message type;
    unsigned phases;
    enum ks_err (*handle)(struct token *, struct msg *, struct err_cause *);
} requests[] = {
    {TOKEN_RESOLVE, 0, resolve},
    {TOKEN_LOOK, 0, look},
    {TOKEN_ENDORSEMENT, 0, token_endorsement},
    {TOKEN_READ_PIN, 0, read_pin},
    {TOKEN_READ_PASSPHRASE, 0, read_passphrase},
    {TOKEN_MAKE_PASSPHRASE, 0, make_passphrase},
    {TOKEN_OPEN, 0, open_store},
    {TOKEN_IMPORT, IMPORT, token_import},
    {TOKEN_BIND_CREDENTIAL, ENROL | MACHINE, token_bind_credential},
    {TOKEN_BIND_MACHINE, ENROL | MACHINE, token_bind_machine},
    {TOKEN_PLAN, ENROL, plan},
    {TOKEN_PROVE, ENROL | MACHINE, token_prove},
    {TOKEN_GENERATE, ENROL, token_generate},
    {TOKEN_REQUEST, ENROL, token_request},
    {TOKEN_ATTEST, ENROL | MACHINE, token_attest},
    {TOKEN_EVIDENCE, ENROL | MACHINE, token_evidence},
    {TOKEN_ENROL, ENROL, token_enrolment_proof},
    {TOKEN_RECEIPT, MACHINE, token_receipt},
    {TOKEN_REMOVE, IMPORT | MACHINE, token_remove},
};

enum ks_err
token_control(void *context, struct msg *msg, struct err_cause *cause)
{
    struct token *token = context;
    unsigned now = token->ks != NULL ? 1u << token->ledger.phase : 0;

    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (requests[i].type != msg_type(msg))
            continue;
        if (now == 0 ? requests[i].phases == 0
                     : (requests[i].phases & now) != 0)
            return module_socket_judge(requests[i].handle(token, msg, cause),
                                       cause);
        break;
    }
    return err_set(cause, KS_ERR_STATEMENT, "not in this run");
}
