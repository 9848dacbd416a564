/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of holdfast-token: imported, bound to an identity, born, removed;
 * and read back each time, because what counts is what the store says. */
#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "agent/token/token.h"
#include "keystore/store/backend.h"

_Static_assert(LAYOUT_ID == KEYSTORE_ID_LENGTH, "messages hold a key's id");

/* Read back what the store says of the key.  A key that could leave a token is
 * no key for us; the soft store cannot promise that and is marked for it. */
static enum ks_err
check_key(struct token *token, struct keystore_key *key,
          struct err_cause *cause)
{
    struct keystore_key_info info;
    enum ks_err rc = keystore_describe(key, &info, cause);

    if (rc == KS_OK &&
        (info.extractable || !info.sensitive || !info.sign_only) &&
        !keystore_info(token->ks)->kind->unprotected)
        rc = err_set(cause, KS_ERR_TOKEN_WEAK,
                     "extractable: %s, sensitive: %s, for signing only: %s",
                     info.extractable ? "yes" : "no",
                     info.sensitive ? "yes" : "no",
                     info.sign_only ? "yes" : "no");
    return rc;
}

enum ks_err
token_import(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_import request;
    struct secret *pkcs8 = NULL;
    struct material material;
    struct keystore_key *key = NULL;
    enum ks_err rc = layout_token_import_take(msg, &request, cause);

    if (rc != KS_OK)
        return rc;
    rc = secret_read_sealed(CHANNEL_FD_MATERIAL, MATERIAL_MAX, &pkcs8, cause);
    if (rc == KS_OK)
        rc = material_parse(secret_bytes(pkcs8), secret_length(pkcs8),
                            &material, cause);
    if (rc == KS_OK)
        rc = keystore_import(token->ks, request.id, request.label, &material,
                             X509_get0_pubkey(request.certificate), &key,
                             cause);
    if (rc == KS_OK)
        rc = check_key(token, key, cause);
    if (rc == KS_OK)
        LAYOUT_PUT(msg, token_import_answer, keystore_info(token->ks)->way);
    secret_free(&pkcs8);
    keystore_key_free(&key);
    X509_free(request.certificate);
    return rc;
}

/* Have WHICH be the key under ID whose public half is PUBLIC. */
static enum ks_err
bind(struct token *token, enum statement_identity which, const uint8_t *id,
     EVP_PKEY *public, struct err_cause *cause)
{
    struct keystore_key *key = NULL;
    enum ks_err rc;

    if (token->identity[which].key != NULL)
        return msg_malformed_request(cause);
    if (public == NULL)
        return err_set_openssl(cause, KS_ERR_STATE_BROKEN,
                               "certificate or key");
    rc = keystore_find(token->ks, id, public, &key, cause);
    if (rc == KS_OK)
        rc = check_key(token, key, cause);
    if (rc == KS_OK)
        token->identity[which].key = key;
    else
        keystore_key_free(&key);
    return rc;
}

enum ks_err
token_bind_credential(struct token *token, struct msg *msg,
                      struct err_cause *cause)
{
    struct layout_token_bind_credential request;
    enum ks_err rc = layout_token_bind_credential_take(msg, &request, cause);

    if (rc != KS_OK)
        return rc;
    rc = bind(token, STATEMENT_CREDENTIAL, request.id,
              X509_get0_pubkey(request.certificate), cause);
    if (rc != KS_OK) {
        X509_free(request.certificate);
        return rc;
    }
    token->identity[STATEMENT_CREDENTIAL].certificate = request.certificate;
    layout_done_put(msg);
    return KS_OK;
}

enum ks_err
token_bind_machine(struct token *token, struct msg *msg,
                   struct err_cause *cause)
{
    struct layout_token_bind_machine request;
    EVP_PKEY *public;
    enum ks_err rc = layout_token_bind_machine_take(msg, &request, cause);

    if (rc != KS_OK)
        return rc;
    public = d2i_PUBKEY(NULL, &request.public.at, (long)request.public.length);
    rc = bind(token, STATEMENT_MACHINE, request.id, public, cause);
    EVP_PKEY_free(public);
    if (rc == KS_OK)
        layout_done_put(msg);
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
    struct layout_token_generate request;
    struct keystore_key *key = NULL;
    unsigned char *der = NULL;
    int length;
    enum ks_err rc = layout_token_generate_take(msg, &request, cause);

    if (rc == KS_OK && token->identity[STATEMENT_MACHINE].key != NULL)
        rc = msg_malformed_request(cause);
    if (rc == KS_OK)
        rc = make_or_find(token->ks, request.id, request.label, &key, cause);
    if (rc == KS_OK)
        rc = check_birth(key, cause);
    if (rc == KS_OK)
        rc = check_key(token, key, cause);
    if (rc != KS_OK)
        goto out;
    length = i2d_PUBKEY(keystore_key_public(key), &der);
    if (length <= 0) {
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "public key");
        goto out;
    }
    LAYOUT_PUT(msg, token_generate_answer, {der, (size_t)length});
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
    struct layout_token_remove request;
    enum ks_err rc = layout_token_remove_take(msg, &request, cause);

    if (rc == KS_OK)
        rc = keystore_remove(token->ks, request.id, cause);
    if (rc == KS_OK)
        layout_done_put(msg);
    return rc;
}
