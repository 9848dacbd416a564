/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/pkcs11/key.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "keystore/store/prove.h"

enum ks_err
pkcs11_key_take(struct pkcs11_key *key, EVP_PKEY *public, bool known,
                struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    if (EVP_PKEY_up_ref(public) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "public key");
    key->key.public = public;
    if (!known)
        rc = prove_key(&key->key, cause);
    key->proved = !known && rc == KS_OK;
    return rc;
}

/* The PIN is gone after the login. */
enum ks_err
pkcs11_key_wants_pin(struct err_cause *cause)
{
    return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                   "the key wants the PIN again for each signature");
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
