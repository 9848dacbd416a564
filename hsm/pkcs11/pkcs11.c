/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of the PKCS#11 back end.  A module may share our libcrypto and
 * leave entries in our error queue, so each way in takes away what came into
 * it.  One thread at a time, and no fork without exec, as Cryptoki wants it.
 */
#include "hsm/pkcs11/pkcs11.h"

#include <string.h>

#include <openssl/err.h>

#include "hsm/pkcs11/attributes.h"
#include "hsm/pkcs11/find.h"
#include "hsm/pkcs11/generate.h"
#include "hsm/pkcs11/import.h"
#include "hsm/pkcs11/object.h"
#include "hsm/pkcs11/search.h"
#include "hsm/pkcs11/sign.h"
#include "keystore/store/signature.h"

static enum ks_err
open_token(const struct keystore_config *config, struct keystore **ret,
           struct err_cause *cause)
{
    struct pkcs11_uri uri = {0};
    struct pkcs11_token *token = NULL;
    enum ks_err rc = pkcs11_uri_parse(config->uri, &uri, cause);

    if (rc != KS_OK)
        return rc;
    if (config->module != NULL &&
        memccpy(uri.module, config->module, '\0', sizeof uri.module) == NULL)
        return err_set(cause, KS_ERR_TOKEN_MODULE, "its path is too long");
    (void)ERR_set_mark();
    rc = pkcs11_search(&uri, config->serial, &token, cause);
    /* The dispatcher asks, too, but by then the PIN would have been shown. */
    if (rc == KS_OK && token->store.info.emulated && !config->allow_emulation)
        rc = err_set(cause, KS_ERR_TOKEN_EMULATED, "pkcs11 store \"%s\"",
                     token->store.info.label);
    if (rc == KS_OK) {
        token->store.ops = &hsm_pkcs11_ops;
        rc = pkcs11_token_login(token, config->pin, cause);
    }
    if (rc != KS_OK)
        pkcs11_token_close(&token);
    (void)ERR_pop_to_mark();
    if (rc == KS_OK)
        *ret = &token->store;
    return rc;
}

static void
close_token(struct keystore *ks)
{
    struct pkcs11_token *token = (struct pkcs11_token *)ks;

    (void)ERR_set_mark();
    pkcs11_token_close(&token);
    (void)ERR_pop_to_mark();
}

/* Each way in counts as an entry: attributes of a key that were read during
 * another one are old, since the token may have changed meanwhile. */
static struct pkcs11_token *
enter(struct keystore *ks)
{
    struct pkcs11_token *token = (struct pkcs11_token *)ks;

    (void)ERR_set_mark();
    token->entries++;
    return token;
}

static enum ks_err
import_key(struct keystore *ks, const struct keystore_new_key *wanted,
           struct keystore_key **ret, struct err_cause *cause)
{
    struct pkcs11_key *key = NULL;
    enum ks_err rc;

    rc = pkcs11_import(enter(ks), wanted, &key, cause);
    (void)ERR_pop_to_mark();
    if (rc == KS_OK)
        *ret = &key->key;
    return rc;
}

static enum ks_err
generate_key(struct keystore *ks, const struct keystore_new_key *wanted,
             struct keystore_key **ret, struct err_cause *cause)
{
    struct pkcs11_key *key = NULL;
    enum ks_err rc;

    rc = pkcs11_generate(enter(ks), wanted, &key, cause);
    (void)ERR_pop_to_mark();
    if (rc == KS_OK)
        *ret = &key->key;
    return rc;
}

static enum ks_err
find_key(struct keystore *ks, const uint8_t *id, EVP_PKEY *public,
         struct keystore_key **ret, struct err_cause *cause)
{
    struct pkcs11_key *key = NULL;
    enum ks_err rc;

    rc = pkcs11_find_key(enter(ks), id, public, &key, cause);
    (void)ERR_pop_to_mark();
    if (rc == KS_OK)
        *ret = &key->key;
    return rc;
}

static enum ks_err
describe_key(struct keystore_key *key, struct keystore_key_info *ret,
             struct err_cause *cause)
{
    enum ks_err rc;

    (void)ERR_set_mark();
    rc = pkcs11_attributes_describe((struct pkcs11_key *)key, ret, cause);
    (void)ERR_pop_to_mark();
    return rc;
}

static enum ks_err
sign(struct keystore_key *key, enum keystore_scheme scheme,
     const uint8_t *digest, struct keystore_signature *ret,
     struct err_cause *cause)
{
    enum ks_err rc;

    (void)enter(key->ks);
    rc = pkcs11_sign((struct pkcs11_key *)key, scheme, digest, ret, cause);
    (void)ERR_pop_to_mark();
    return rc;
}

static enum ks_err
missing(struct pkcs11_token *token, struct err_cause *cause)
{
    enum ks_err rc = pkcs11_token_logged_in(token, cause);

    return rc != KS_OK ? rc
                       : err_set(cause, KS_ERR_KEY_MISSING, "token \"%s\"",
                                 token->store.info.label);
}

/* The private object goes first: a public one alone is no harm.  Where there is
 * neither, a token that nobody may write to can say so, too. */
static enum ks_err
destroy(struct pkcs11_token *token, const uint8_t *id, struct err_cause *cause)
{
    struct pkcs11_found private;
    struct pkcs11_found public;
    size_t privates = 0;
    size_t publics = 0;
    enum ks_err rc = pkcs11_object_find(token, CKO_PRIVATE_KEY, id, &private,
                                        cause);

    if (rc == KS_OK)
        rc = pkcs11_object_find(token, CKO_PUBLIC_KEY, id, &public, cause);
    if (rc == KS_OK && private.count + public.count == 0)
        return missing(token, cause);
    if (rc == KS_OK)
        rc = pkcs11_token_begin(token, cause);
    if (rc == KS_OK)
        rc = pkcs11_object_destroy(token, CKO_PRIVATE_KEY, id, &privates,
                                   cause);
    if (rc == KS_OK)
        rc = pkcs11_object_destroy(token, CKO_PUBLIC_KEY, id, &publics, cause);
    pkcs11_token_end(token);
    if (rc == KS_OK && privates == 0)
        rc = missing(token, cause);
    return rc;
}

static enum ks_err
remove_key(struct keystore *ks, const uint8_t *id, struct err_cause *cause)
{
    enum ks_err rc;

    rc = destroy(enter(ks), id, cause);
    (void)ERR_pop_to_mark();
    return rc;
}

/* The dispatcher has freed the public half already. */
static void
free_key(struct keystore_key *key)
{
    struct pkcs11_key *own = (struct pkcs11_key *)key;

    key->public = NULL;
    pkcs11_key_free(&own);
}

const struct keystore_ops hsm_pkcs11_ops = {
    .kind = &keystore_kind_pkcs11,
    .open = open_token,
    .import = import_key,
    .generate = generate_key,
    .find = find_key,
    .describe = describe_key,
    .sign = sign,
    .remove = remove_key,
    .key_free = free_key,
    .close = close_token,
};
