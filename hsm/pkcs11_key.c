/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a key and saying what it is.  Changes nothing on the token. */
#include "hsm/pkcs11_key.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "hsm/pkcs11_public.h"
#include "keystore/prove.h"

enum ks_err
pkcs11_key_object(struct pkcs11_token *token, const uint8_t *id,
                  CK_OBJECT_HANDLE *ret, struct err_cause *cause)
{
    CK_OBJECT_HANDLE objects[2];
    size_t count = 0;
    enum ks_err rc = pkcs11_object_find(token, CKO_PRIVATE_KEY, id, objects, 2,
                                        &count, cause);

    if (rc == KS_OK && count == 0)
        rc = pkcs11_token_logged_in(token, cause);
    if (rc != KS_OK)
        return rc;
    if (count == 0)
        return err_set(cause, KS_ERR_KEY_MISSING, "token \"%s\"",
                       token->store.info.label);
    if (count > 1)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "more than one private key has its id");
    *ret = objects[0];
    return KS_OK;
}

/* The PIN is gone after the login, so a key that wants it again is of no use.
 */
static enum ks_err
check_usable(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
             struct err_cause *cause)
{
    bool always = false;
    enum ks_err rc = pkcs11_object_flag(token, object, CKA_ALWAYS_AUTHENTICATE,
                                        false, &always, cause);

    if (rc == KS_OK && always)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "the key wants the PIN again for each signature");
    return rc;
}

/* Take PUBLIC as the half that the token does not know, once KEY has shown
 * that it is the other one. */
static enum ks_err
take_public(struct pkcs11_key *key, EVP_PKEY *public, struct err_cause *cause)
{
    static const enum material_type types[] = {
        [KEYSTORE_PS256] = MATERIAL_RSA,
        [KEYSTORE_ES256] = MATERIAL_P256,
        [KEYSTORE_ES384] = MATERIAL_P384,
    };

    if (public == NULL)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "the token does not know its public half");
    if (types[keystore_scheme_of(public)] != key->type)
        return err_set(cause, KS_ERR_KEY_OTHER, "it is of another type");
    if (EVP_PKEY_up_ref(public) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "public key");
    key->key.public = public;
    return prove_key(&key->key, cause);
}

enum ks_err
pkcs11_key_find(struct pkcs11_token *token, const uint8_t *id, EVP_PKEY *public,
                struct pkcs11_key **ret, struct err_cause *cause)
{
    struct pkcs11_key *key = calloc(1, sizeof *key);
    enum ks_err rc = KS_ERR_INTERNAL;

    if (key == NULL) {
        rc = err_set(cause, KS_ERR_INTERNAL, "out of memory");
        goto out;
    }
    key->key.ks = &token->store;
    rc = pkcs11_key_object(token, id, &key->object, cause);
    if (rc == KS_OK)
        rc = check_usable(token, key->object, cause);
    if (rc == KS_OK)
        rc = pkcs11_public_read(token, key->object, id, &key->type,
                                &key->key.public, cause);
    if (rc == KS_OK && key->key.public == NULL)
        rc = take_public(key, public, cause);
out:
    if (rc == KS_OK) {
        *ret = key;
        key = NULL; /* transferred */
    }
    pkcs11_key_free(&key);
    return rc;
}

void
pkcs11_key_free(struct pkcs11_key **key)
{
    if (*key == NULL)
        return;
    EVP_PKEY_free((*key)->key.public);
    free(*key);
    *key = NULL;
}

/* Flags that together say whether it can do more than sign.  A token that
 * does not know one of them cannot do what it stands for. */
static enum ks_err
read_sign_only(struct pkcs11_token *token, CK_OBJECT_HANDLE object, bool *ret,
               struct err_cause *cause)
{
    static const CK_ATTRIBUTE_TYPE others[] = {CKA_SIGN_RECOVER, CKA_DECRYPT,
                                               CKA_UNWRAP, CKA_DERIVE};
    bool sign = false;
    bool other = false;
    enum ks_err rc = pkcs11_object_flag(token, object, CKA_SIGN, false, &sign,
                                        cause);

    for (size_t i = 0;
         rc == KS_OK && !other && i < sizeof others / sizeof others[0]; i++)
        rc = pkcs11_object_flag(token, object, others[i], false, &other, cause);
    if (rc == KS_OK)
        *ret = sign && !other;
    return rc;
}

/* Born here means also: was never outside since. */
static enum ks_err
read_origin(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
            enum keystore_origin *ret, struct err_cause *cause)
{
    static const CK_ATTRIBUTE_TYPE wanted[] = {CKA_LOCAL, CKA_NEVER_EXTRACTABLE,
                                               CKA_ALWAYS_SENSITIVE};
    bool born = true;
    enum ks_err rc = KS_OK;

    for (size_t i = 0;
         rc == KS_OK && born && i < sizeof wanted / sizeof wanted[0]; i++)
        rc = pkcs11_object_flag(token, object, wanted[i], false, &born, cause);
    if (rc == KS_OK)
        *ret = born ? KEYSTORE_BORN : KEYSTORE_IMPORTED;
    return rc;
}

enum ks_err
pkcs11_key_describe(struct pkcs11_key *key, struct keystore_key_info *ret,
                    struct err_cause *cause)
{
    struct pkcs11_token *token = (struct pkcs11_token *)key->key.ks;
    struct keystore_key_info info = {.type = key->type};
    enum ks_err rc = read_origin(token, key->object, &info.origin, cause);

    info.bits = (unsigned)EVP_PKEY_get_bits(key->key.public);
    /* Where the token does not say, the worse is assumed. */
    if (rc == KS_OK)
        rc = pkcs11_object_flag(token, key->object, CKA_EXTRACTABLE, true,
                                &info.extractable, cause);
    if (rc == KS_OK)
        rc = pkcs11_object_flag(token, key->object, CKA_SENSITIVE, false,
                                &info.sensitive, cause);
    if (rc == KS_OK)
        rc = read_sign_only(token, key->object, &info.sign_only, cause);
    if (rc == KS_OK)
        *ret = info;
    return rc;
}
