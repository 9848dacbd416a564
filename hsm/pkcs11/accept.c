/* SPDX-License-Identifier: Apache-2.0 */
/* Trust in a new key: protected, found again, and signing; or else destroyed.
 */
#include "hsm/pkcs11/accept.h"

#include <openssl/evp.h>

#include "hsm/pkcs11/find.h"
#include "hsm/pkcs11/object.h"
#include "hsm/pkcs11/protect.h"
#include "keystore/store/prove.h"

/* A token may have done something else than it was asked for: what it made
 * counts, by type and by the wanted PUBLIC or the bits of RSA. */
static enum ks_err
check_kind(const struct pkcs11_key *key, const struct keystore_new_key *wanted,
           struct err_cause *cause)
{
    EVP_PKEY *public = wanted->public;

    if (public != NULL && EVP_PKEY_eq(key->key.public, public) != 1)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "the token made another key of it");
    if (key->type != wanted->type ||
        (public == NULL && key->type == MATERIAL_RSA &&
         EVP_PKEY_get_bits(key->key.public) != PKCS11_BORN_RSA_BITS))
        return err_set(cause, KS_ERR_TOKEN_WEAK,
                       "it made a key of another kind");
    return KS_OK;
}

enum ks_err
pkcs11_accept(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
              const struct keystore_new_key *wanted, struct pkcs11_key **ret,
              struct err_cause *cause)
{
    struct pkcs11_key *key = NULL;
    enum ks_err rc = pkcs11_protect(token, object, wanted->type, cause);

    if (rc == KS_OK)
        rc = pkcs11_find_key(token, wanted->id, wanted->public, &key, cause);
    if (rc == KS_OK)
        rc = check_kind(key, wanted, cause);
    if (rc == KS_OK && !key->proved)
        rc = prove_key(&key->key, cause);
    /* Full tokens say that they took it (SoftHSM on a full disk does). */
    if (rc == KS_ERR_KEY_MISSING)
        rc = err_set(cause, KS_ERR_TOKEN_FAILED,
                     "it took the key and does not have it");
    if (rc != KS_OK) {
        pkcs11_key_free(&key);
        return rc;
    }
    *ret = key;
    return KS_OK;
}

static bool
destroyed(struct pkcs11_token *token, CK_OBJECT_HANDLE object)
{
    CK_RV rv = CKR_OK;

    if (object != CK_INVALID_HANDLE)
        rv = token->functions->C_DestroyObject(token->writing, object);
    return rv == CKR_OK || rv == CKR_OBJECT_HANDLE_INVALID;
}

static bool
sweep(struct pkcs11_token *token, const uint8_t *id)
{
    size_t count = 0;
    bool private = pkcs11_object_destroy(token, CKO_PRIVATE_KEY, id, &count,
                                         NULL) == KS_OK;
    bool public = pkcs11_object_destroy(token, CKO_PUBLIC_KEY, id, &count,
                                        NULL) == KS_OK;

    return private && public;
}

enum ks_err
pkcs11_discard(struct pkcs11_token *token, const struct pkcs11_objects *made,
               const uint8_t *id, enum ks_err err, struct err_cause *cause)
{
    bool private = destroyed(token, made->private);
    bool public = destroyed(token, made->public);
    bool rest = id == NULL || sweep(token, id);
    struct err_cause why = {.text = ""};

    if (private && public && rest)
        return err;
    if (cause != NULL)
        why = *cause;
    err_cut_remedy(&why);
    return err_set(cause, KS_ERR_TOKEN_FAILED,
                   "%.120s, and the key could not be destroyed again; remove "
                   "it with the token's own tool",
                   why.text);
}
