/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of holdfast-token: imported, bound to an identity, born, removed;
 * and read back each time, because what counts is what the store says. */
#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "agent/token/token.h"
#include "keystore/store/backend.h"

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
        !keystore_info(token->ks)->kind->unprotected)
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

enum ks_err
token_import(struct token *token, struct msg *msg, struct err_cause *cause)
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
        rc = msg_malformed_request(cause);
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
    if (rc == KS_OK)
        msg_put_number(msg, keystore_info(token->ks)->way);
out:
    secret_free(&pkcs8);
    keystore_key_free(&key);
    X509_free(certificate);
    return rc;
}

/* CREDENTIAL comes with its certificate, MACHINE with its public key. */
enum ks_err
token_bind(struct token *token, struct msg *msg, struct err_cause *cause)
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
        return msg_malformed_request(cause);
    if (which == STATEMENT_CREDENTIAL) {
        identity.certificate = d2i_X509(NULL, &der, (long)length);
        public = identity.certificate != NULL
                     ? X509_get_pubkey(identity.certificate)
                     : NULL;
    } else {
        public = d2i_PUBKEY(NULL, &der, (long)length);
    }
    if (public == NULL) {
        rc = err_set_openssl(cause, KS_ERR_STATE_BROKEN, "certificate or key");
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

/* Born elsewhere, it could have been anybody's. */
static enum ks_err
check_birth(struct keystore_key *key, struct err_cause *cause)
{
    struct keystore_key_info info;
    enum ks_err rc = keystore_describe(key, &info, cause);

    if (rc == KS_OK && info.origin != KEYSTORE_BORN)
        rc = err_set(cause, KS_ERR_TOKEN_WEAK,
                     "it does not call the machine's key its own");
    return rc;
}

enum ks_err
token_generate(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct keystore_key *key = NULL;
    uint8_t id[KEYSTORE_ID_LENGTH];
    char label[64];
    unsigned char *der = NULL;
    int length;
    enum ks_err rc;

    msg_get_array(msg, id, sizeof id);
    (void)snprintf(label, sizeof label, "%s", msg_get_text(msg));
    if (!msg_complete(msg) || token->identity[STATEMENT_MACHINE].key != NULL)
        return msg_malformed_request(cause);
    rc = make_or_find(token->ks, id, label, &key, cause);
    if (rc == KS_OK)
        rc = check_birth(key, cause);
    if (rc == KS_OK)
        rc = answer_key(token, key, msg, cause);
    if (rc != KS_OK)
        goto out;
    length = i2d_PUBKEY(keystore_key_public(key), &der);
    if (length <= 0) {
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "public key");
        goto out;
    }
    msg_begin(msg, CHANNEL_DONE);
    msg_put_bytes(msg, der, (size_t)length);
    OPENSSL_free(der);
    token->identity[STATEMENT_MACHINE].key = key;
    key = NULL; /* transferred */
out:
    keystore_key_free(&key);
    return rc;
}

enum ks_err
token_remove(struct token *token, struct msg *msg, struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    enum ks_err rc;

    msg_get_array(msg, id, sizeof id);
    if (!msg_complete(msg))
        return msg_malformed_request(cause);
    rc = keystore_remove(token->ks, id, cause);
    if (rc == KS_OK)
        msg_begin(msg, CHANNEL_DONE);
    return rc;
}
