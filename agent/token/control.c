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
    const char *uri = msg_get_text(msg);
    struct pkcs11_uri parsed = {.module = ""};
    const struct keystore_kind *kind = keystore_kind_of(uri);
    enum ks_err rc = KS_OK;

    (void)token;
    if (!msg_complete(msg))
        return msg_malformed_request(cause);
    if (kind == &keystore_kind_tpm2) {
        rc = tpm2_look_uri(uri, cause);
    } else if (kind != &keystore_kind_soft) {
        kind = &keystore_kind_pkcs11;
        rc = pkcs11_uri_parse(uri, &parsed, cause);
    }
    if (rc != KS_OK)
        return rc;
    msg_begin(msg, CHANNEL_DONE);
    msg_put_text(msg, kind->scheme);
    msg_put_text(msg, parsed.module);
    msg_put_text(msg, parsed.module_name);
    msg_put_text(msg, parsed.token);
    msg_put_text(msg, parsed.manufacturer);
    msg_put_text(msg, parsed.model);
    msg_put_text(msg, parsed.serial);
    return KS_OK;
}

static enum ks_err
look(struct token *token, struct msg *msg, struct err_cause *cause)
{
    const char *uri = msg_get_text(msg);
    struct tpm2_look look;
    enum ks_err rc;

    (void)token;
    if (!msg_complete(msg))
        return msg_malformed_request(cause);
    rc = tpm2_look(uri, &look, cause);
    if (rc != KS_OK)
        return rc;
    msg_begin(msg, CHANNEL_DONE);
    msg_put_text(msg, look.maker);
    msg_put_text(msg, look.model);
    msg_put_text(msg, look.firmware);
    msg_put_text(msg, look.key_types);
    msg_put_text(msg, look.srk);
    msg_put_number(msg, look.standing);
    msg_put_number(msg, look.emulated);
    msg_put_number(msg, look.owner_password);
    msg_put_number(msg, look.locked);
    msg_put_number(msg, look.failures);
    msg_put_number(msg, look.failures_max);
    msg_put_number(msg, look.interval);
    return KS_OK;
}

static enum ks_err
read_pin(struct token *token, struct msg *msg, struct err_cause *cause)
{
    char prompt[TOKEN_TEXT_MAX];
    enum ks_err rc;

    (void)token;
    msg_copy_text(msg, prompt, sizeof prompt);
    if (!msg_complete(msg))
        return msg_malformed_request(cause);
    rc = token_read_pin(prompt, cause);
    if (rc == KS_OK)
        msg_begin(msg, CHANNEL_DONE);
    return rc;
}

static enum ks_err
read_passphrase(struct token *token, struct msg *msg, struct err_cause *cause)
{
    char prompt[TOKEN_TEXT_MAX];
    bool new;
    enum ks_err rc;

    (void)token;
    msg_copy_text(msg, prompt, sizeof prompt);
    new = msg_get_number(msg) == 1;
    if (!msg_complete(msg))
        return msg_malformed_request(cause);
    rc = token_read_passphrase(prompt, new, cause);
    if (rc == KS_OK)
        msg_begin(msg, CHANNEL_DONE);
    return rc;
}

static enum ks_err
make_passphrase(struct token *token, struct msg *msg, struct err_cause *cause)
{
    enum ks_err rc;

    (void)token;
    if (!msg_complete(msg))
        return msg_malformed_request(cause);
    rc = token_make_passphrase(cause);
    if (rc == KS_OK)
        msg_begin(msg, CHANNEL_DONE);
    return rc;
}

static void
answer_store(struct msg *msg, const struct keystore_info *info)
{
    msg_begin(msg, CHANNEL_DONE);
    msg_put_text(msg, info->kind->scheme);
    msg_put_number(msg, info->emulated);
    msg_put_text(msg, info->label);
    msg_put_text(msg, info->maker);
    msg_put_text(msg, info->model);
    msg_put_text(msg, info->serial);
    msg_put_text(msg, info->module);
    msg_put_number(msg, info->srk_unverified);
    msg_put_text(msg, info->root);
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
    struct keystore_config config = {.keys_fd = CHANNEL_FD_KEYS};
    struct secret *pin = NULL;
    uint64_t phase = msg_get_number(msg);
    enum ks_err rc = KS_OK;

    config.uri = msg_get_text(msg);
    config.serial = msg_get_text(msg);
    config.module = msg_get_text(msg);
    config.allow_emulation = msg_get_number(msg) == 1;
    if (!msg_complete(msg) || phase >= STATEMENT_PHASE__MAX)
        return msg_malformed_request(cause);
    if (*config.serial == '\0')
        config.serial = NULL;
    if (*config.module == '\0')
        config.module = NULL;
    if (channel_has(CHANNEL_FD_PIN))
        rc = secret_read_sealed(CHANNEL_FD_PIN, PIN_MAX, &pin, cause);
    if (!channel_has(CHANNEL_FD_KEYS))
        config.keys_fd = -1;
    config.pin = pin;
    if (rc == KS_OK && strncmp(config.uri, "tpm2:", 5) == 0)
        rc = name_few_algorithms(cause);
    if (rc == KS_OK)
        rc = sandbox_leave_terminal(cause);
    if (rc == KS_OK)
        rc = keystore_open(backends, &config, &token->ks, cause);
    secret_free(&pin);
    if (rc != KS_OK)
        return rc;
    token->ledger.phase = (enum statement_phase)phase;
    answer_store(msg, keystore_info(token->ks));
    return KS_OK;
}

static void
take_text(struct msg *msg, char ret[static TOKEN_TEXT_MAX])
{
    (void)snprintf(ret, TOKEN_TEXT_MAX, "%s", msg_get_text(msg));
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
    const uint8_t *hash;
    size_t length;
    uint64_t scheme;
    enum ks_err rc;

    take_text(msg, plan->client_id);
    take_text(msg, plan->token_endpoint);
    take_text(msg, plan->resource);
    take_text(msg, plan->vault);
    scheme = msg_get_number(msg);
    hash = msg_get_bytes(msg, &length);
    if (!msg_complete(msg) || scheme == 0 || scheme >= KEYSTORE_SCHEME__MAX ||
        (length != 0 && length != sizeof plan->machine_key))
        return msg_malformed_request(cause);
    plan->scheme = (enum keystore_scheme)scheme;
    plan->resumes = length != 0;
    if (plan->resumes)
        memcpy(plan->machine_key, hash, length);
    rc = probe(token, plan->scheme, cause);
    if (rc == KS_OK)
        msg_begin(msg, CHANNEL_DONE);
    return rc;
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
    {TOKEN_READ_PIN, 0, read_pin},
    {TOKEN_READ_PASSPHRASE, 0, read_passphrase},
    {TOKEN_MAKE_PASSPHRASE, 0, make_passphrase},
    {TOKEN_OPEN, 0, open_store},
    {TOKEN_IMPORT, IMPORT, token_import},
    {TOKEN_BIND, ENROL | MACHINE, token_bind},
    {TOKEN_PLAN, ENROL, plan},
    {TOKEN_PROVE, ENROL | MACHINE, token_prove},
    {TOKEN_GENERATE, ENROL, token_generate},
    {TOKEN_REQUEST, ENROL, token_request},
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
