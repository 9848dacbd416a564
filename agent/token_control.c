/* SPDX-License-Identifier: Apache-2.0 */
/* The control channel of holdfast-token: what holdfast may ask for, when, and
 * how often.  The state machine is the table at the end. */
#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "agent/token.h"
#include "hsm/pkcs11.h"
#include "hsm/pkcs11_uri.h"
#include "keystore/backend.h"

static const struct keystore_ops *const backends[] = {
    &keystore_soft_ops,
    &hsm_pkcs11_ops,
    NULL,
};

static enum ks_err
malformed(struct err_cause *cause)
{
    return err_set(cause, KS_ERR_INTERNAL, "a malformed request");
}

static enum ks_err
resolve(struct token *token, struct msg *msg, struct err_cause *cause)
{
    const char *uri = msg_get_text(msg);
    struct pkcs11_uri parsed = {.module = ""};
    const char *scheme = keystore_soft_ops.scheme;
    enum ks_err rc = KS_OK;

    (void)token;
    if (!msg_complete(msg))
        return malformed(cause);
    if (strncmp(uri, "soft:", 5) != 0) {
        scheme = hsm_pkcs11_ops.scheme;
        rc = pkcs11_uri_parse(uri, &parsed, cause);
    }
    if (rc != KS_OK)
        return rc;
    msg_begin(msg, CHANNEL_DONE);
    msg_put_text(msg, scheme);
    msg_put_text(msg, parsed.module);
    msg_put_text(msg, parsed.token);
    msg_put_text(msg, parsed.manufacturer);
    msg_put_text(msg, parsed.model);
    msg_put_text(msg, parsed.serial);
    return KS_OK;
}

static enum ks_err
read_pin(struct token *token, struct msg *msg, struct err_cause *cause)
{
    char prompt[TOKEN_TEXT_MAX];
    enum ks_err rc;

    (void)token;
    (void)snprintf(prompt, sizeof prompt, "%s", msg_get_text(msg));
    if (!msg_complete(msg))
        return malformed(cause);
    rc = token_read_pin(prompt, cause);
    if (rc == KS_OK)
        msg_begin(msg, CHANNEL_DONE);
    return rc;
}

static void
answer_store(struct msg *msg, const struct keystore_info *info)
{
    msg_begin(msg, CHANNEL_DONE);
    msg_put_text(msg, info->scheme);
    msg_put_number(msg, info->emulated);
    msg_put_text(msg, info->label);
    msg_put_text(msg, info->maker);
    msg_put_text(msg, info->model);
    msg_put_text(msg, info->serial);
    msg_put_text(msg, info->module);
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
    config.allow_emulation = msg_get_number(msg) == 1;
    if (!msg_complete(msg) || phase >= STATEMENT_PHASE__MAX)
        return malformed(cause);
    if (*config.serial == '\0')
        config.serial = NULL;
    if (channel_has(CHANNEL_FD_PIN))
        rc = secret_read_sealed(CHANNEL_FD_PIN, PIN_MAX, &pin, cause);
    if (!channel_has(CHANNEL_FD_KEYS))
        config.keys_fd = -1;
    config.pin = pin;
    if (rc == KS_OK)
        rc = keystore_open(backends, &config, &token->ks, cause);
    secret_free(&pin);
    if (rc != KS_OK)
        return rc;
    token->ledger.phase = (enum statement_phase)phase;
    answer_store(msg, keystore_info(token->ks));
    return KS_OK;
}

/* Read back what the store says of the key.  A key that could leave a token is
 * no key for us; the soft store cannot promise that and is marked for it. */
static enum ks_err
answer_key(struct token *token, struct keystore_key *key, struct msg *msg,
           struct err_cause *cause)
{
    struct keystore_key_info info;
    enum ks_err rc = keystore_describe(key, &info, cause);

    if (rc != KS_OK)
        return rc;
    if ((info.extractable || !info.sensitive || !info.sign_only) &&
        keystore_info(token->ks)->scheme != keystore_soft_ops.scheme)
        return err_set(cause, KS_ERR_TOKEN_WEAK,
                       "extractable: %s, sensitive: %s, for signing only: %s",
                       info.extractable ? "yes" : "no",
                       info.sensitive ? "yes" : "no",
                       info.sign_only ? "yes" : "no");
    msg_begin(msg, CHANNEL_DONE);
    msg_put_number(msg, info.type);
    msg_put_number(msg, info.bits);
    msg_put_number(msg, info.origin);
    msg_put_number(msg, info.extractable);
    msg_put_number(msg, info.sensitive);
    msg_put_number(msg, info.sign_only);
    return KS_OK;
}

static enum ks_err
import(struct token *token, struct msg *msg, struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char label[64];
    size_t length;
    const uint8_t *der;
    X509 *certificate = NULL;
    struct secret *pkcs8 = NULL;
    struct material material;
    struct keystore_key *key = NULL;
    enum ks_err rc;

    msg_get_array(msg, id, sizeof id);
    (void)snprintf(label, sizeof label, "%s", msg_get_text(msg));
    der = msg_get_bytes(msg, &length);
    certificate = der != NULL ? d2i_X509(NULL, &der, (long)length) : NULL;
    if (!msg_complete(msg) || certificate == NULL) {
        rc = malformed(cause);
        goto out;
    }
    rc = secret_read_sealed(CHANNEL_FD_MATERIAL, MATERIAL_MAX, &pkcs8, cause);
    if (rc == KS_OK)
        rc = material_parse(secret_bytes(pkcs8), secret_length(pkcs8),
                            &material, cause);
    if (rc == KS_OK)
        rc = keystore_import(token->ks, id, label, &material,
                             X509_get0_pubkey(certificate), &key, cause);
    if (rc == KS_OK)
        rc = answer_key(token, key, msg, cause);
out:
    secret_free(&pkcs8);
    keystore_key_free(&key);
    X509_free(certificate);
    return rc;
}

/* CREDENTIAL comes with its certificate, MACHINE with its public key. */
static enum ks_err
bind_key(struct token *token, struct msg *msg, struct err_cause *cause)
{
    uint64_t which = msg_get_number(msg);
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct token_identity identity = {NULL, NULL};
    EVP_PKEY *public = NULL;
    size_t length;
    const uint8_t *der;
    enum ks_err rc;

    msg_get_array(msg, id, sizeof id);
    der = msg_get_bytes(msg, &length);
    if (!msg_complete(msg) || which >= STATEMENT_IDENTITY__MAX ||
        token->identity[which].key != NULL)
        return malformed(cause);
    if (which == STATEMENT_CREDENTIAL) {
        identity.certificate = d2i_X509(NULL, &der, (long)length);
        public = identity.certificate != NULL
                     ? X509_get_pubkey(identity.certificate)
                     : NULL;
    } else {
        public = d2i_PUBKEY(NULL, &der, (long)length);
    }
    if (public == NULL) {
        rc = malformed(cause);
        goto out;
    }
    rc = keystore_find(token->ks, id, public, &identity.key, cause);
    if (rc == KS_OK)
        rc = answer_key(token, identity.key, msg, cause);
    if (rc != KS_OK)
        goto out;
    token->identity[which] = identity;
    identity = (struct token_identity){NULL, NULL}; /* transferred */
out:
    keystore_key_free(&identity.key);
    X509_free(identity.certificate);
    EVP_PKEY_free(public);
    return rc;
}

static void
take_text(struct msg *msg, char ret[static TOKEN_TEXT_MAX])
{
    (void)snprintf(ret, TOKEN_TEXT_MAX, "%s", msg_get_text(msg));
}

static enum ks_err
plan(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct token_plan *plan = &token->plan;
    const uint8_t *hash;
    size_t length;
    uint64_t scheme;

    take_text(msg, plan->client_id);
    take_text(msg, plan->token_endpoint);
    take_text(msg, plan->resource);
    take_text(msg, plan->vault);
    scheme = msg_get_number(msg);
    hash = msg_get_bytes(msg, &length);
    if (!msg_complete(msg) || scheme == 0 || scheme >= KEYSTORE_SCHEME__MAX ||
        (length != 0 && length != sizeof plan->machine_key))
        return malformed(cause);
    plan->scheme = (enum keystore_scheme)scheme;
    plan->resumes = length != 0;
    if (plan->resumes)
        memcpy(plan->machine_key, hash, length);
    msg_begin(msg, CHANNEL_DONE);
    return KS_OK;
}

/* P-256, or RSA-2048 where the token has no elliptic curves; or the key that an
 * attempt cut short has left under the id. */
static enum ks_err
make_or_find(struct keystore *ks, const uint8_t id[static KEYSTORE_ID_LENGTH],
             const char *label, struct keystore_key **ret,
             struct err_cause *cause)
{
    enum ks_err rc = keystore_find(ks, id, NULL, ret, cause);

    if (rc != KS_ERR_KEY_MISSING)
        return rc;
    rc = keystore_generate(ks, id, label, MATERIAL_P256, ret, cause);
    if (rc == KS_ERR_TOKEN_UNSUPPORTED)
        rc = keystore_generate(ks, id, label, MATERIAL_RSA, ret, cause);
    return rc;
}

static enum ks_err
generate(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct keystore_key **key = &token->identity[STATEMENT_MACHINE].key;
    uint8_t id[KEYSTORE_ID_LENGTH];
    char label[64];
    unsigned char *der = NULL;
    int length;
    enum ks_err rc;

    msg_get_array(msg, id, sizeof id);
    (void)snprintf(label, sizeof label, "%s", msg_get_text(msg));
    if (!msg_complete(msg) || *key != NULL)
        return malformed(cause);
    rc = make_or_find(token->ks, id, label, key, cause);
    if (rc == KS_OK)
        rc = answer_key(token, *key, msg, cause);
    if (rc != KS_OK)
        return rc;
    length = i2d_PUBKEY(keystore_key_public(*key), &der);
    if (length <= 0)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "public key");
    msg_begin(msg, CHANNEL_DONE);
    msg_put_bytes(msg, der, (size_t)length);
    OPENSSL_free(der);
    return KS_OK;
}

static enum ks_err
remove_key(struct token *token, struct msg *msg, struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    enum ks_err rc;

    msg_get_array(msg, id, sizeof id);
    if (!msg_complete(msg))
        return malformed(cause);
    rc = keystore_remove(token->ks, id, cause);
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
    {TOKEN_READ_PIN, 0, read_pin},
    {TOKEN_OPEN, 0, open_store},
    {TOKEN_IMPORT, IMPORT, import},
    {TOKEN_BIND, ENROL | MACHINE, bind_key},
    {TOKEN_PLAN, ENROL, plan},
    {TOKEN_PROVE, ENROL | MACHINE, token_prove},
    {TOKEN_GENERATE, ENROL, generate},
    {TOKEN_REQUEST, ENROL, token_request},
    {TOKEN_ENROL, ENROL, token_enrolment_proof},
    {TOKEN_RECEIPT, MACHINE, token_receipt},
    {TOKEN_REMOVE, IMPORT | MACHINE, remove_key},
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
            return requests[i].handle(token, msg, cause);
        break;
    }
    return err_set(cause, KS_ERR_STATEMENT, "not in this run");
}

enum ks_err
token_permit(struct token *token, uint64_t identity, enum statement statement,
             struct keystore_key **ret, struct err_cause *cause)
{
    if (identity >= STATEMENT_IDENTITY__MAX ||
        token->identity[identity].key == NULL)
        return err_set(cause, KS_ERR_STATEMENT, "this identity is not bound");
    *ret = token->identity[identity].key;
    return statement_permit(&token->ledger, (enum statement_identity)identity,
                            statement, cause);
}

void
token_close(struct token *token)
{
    for (size_t i = 0; i < STATEMENT_IDENTITY__MAX; i++) {
        keystore_key_free(&token->identity[i].key);
        X509_free(token->identity[i].certificate);
        token->identity[i].certificate = NULL;
    }
    keystore_close(&token->ks);
}
