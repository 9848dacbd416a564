/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a key.  Changes nothing on the token. */
#include "hsm/pkcs11/find.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "hsm/pkcs11/attributes.h"
#include "hsm/pkcs11/object.h"
#include "hsm/pkcs11/public.h"

enum ks_err
pkcs11_find_private(struct pkcs11_token *token, const uint8_t *id,
                    CK_OBJECT_HANDLE *ret, struct err_cause *cause)
{
    struct pkcs11_found found;
    enum ks_err rc = pkcs11_object_find(token, CKO_PRIVATE_KEY, id, &found,
                                        cause);

    if (rc == KS_OK && found.count == 0)
        rc = pkcs11_token_logged_in(token, cause);
    if (rc != KS_OK)
        return rc;
    if (found.count == 0)
        return err_set(cause, KS_ERR_KEY_MISSING, "token \"%s\"",
                       token->store.info.label);
    if (found.count > 1)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "more than one private key has its id");
    *ret = found.object[0];
    return KS_OK;
}

static enum ks_err
check_usable(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
             struct err_cause *cause)
{
    bool always = false;
    enum ks_err rc = pkcs11_object_flag(
        token, object, &pkcs11_flags[PKCS11_ALWAYS_AUTHENTICATE], &always,
        cause);

    if (rc == KS_OK && always)
        return pkcs11_key_wants_pin(cause);
    return rc;
}

/* The public half is what the token itself says, in all its ways; where it says
 * nothing, PUBLIC is, once a signature has shown that the key is its private
 * half. */
static enum ks_err
read_public(struct pkcs11_key *key, const uint8_t *id, EVP_PKEY *public,
            struct err_cause *cause)
{
    struct pkcs11_token *token = (struct pkcs11_token *)key->key.ks;
    struct pkcs11_public said = {.key = NULL};
    enum ks_err rc = check_usable(token, key->object, cause);

    if (rc == KS_OK)
        rc = pkcs11_public_read(token, key->object, id, &said, cause);
    key->type = said.type;
    key->key.public = said.key;
    if (rc != KS_OK || key->key.public != NULL)
        return rc;
    if (public == NULL)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "the token does not know its public half");
    if (scheme_key_type(public) != key->type)
        return err_set(cause, KS_ERR_KEY_OTHER, "it is of another type");
    return pkcs11_key_take(key, public, false, cause);
}

enum ks_err
pkcs11_find_key(struct pkcs11_token *token, const uint8_t *id, EVP_PKEY *public,
                struct pkcs11_key **ret, struct err_cause *cause)
{
    struct pkcs11_key *key = calloc(1, sizeof *key);
    enum ks_err rc = KS_ERR_INTERNAL;

    if (key == NULL) {
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
        goto out;
    }
    key->key.ks = &token->store;
    rc = pkcs11_find_private(token, id, &key->object, cause);
    if (rc == KS_OK && public != NULL)
        rc = pkcs11_attributes_compare(key, public, cause);
    if (rc == KS_OK && key->key.public == NULL)
        rc = read_public(key, id, public, cause);
out:
    if (rc == KS_OK) {
        *ret = key;
        key = NULL; /* transferred */
    }
    pkcs11_key_free(&key);
    return rc;
}
