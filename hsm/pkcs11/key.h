/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key of a token, as it is handed to whoever found or made it.
 */
#ifndef HSM_PKCS11_KEY_H
#define HSM_PKCS11_KEY_H

#include "hsm/pkcs11/token.h"

struct pkcs11_key {
    struct keystore_key key; /* first: the dispatcher's part */
    CK_OBJECT_HANDLE object;
    enum material_type type;
    bool proved; /* its signature was verified when it was found */
    /* The token's word of the key, and during which entry into the back end
     * it was read. */
    struct keystore_key_info info;
    unsigned long read_at;
};

void pkcs11_key_free(struct pkcs11_key **key);

/* PUBLIC becomes KEY's public half: at once where it is KNOWN to be, else once
 * a signature has shown it. */
ERR_MUST_USE enum ks_err pkcs11_key_take(struct pkcs11_key *key,
                                         EVP_PKEY *public, bool known,
                                         struct err_cause *cause);

/* The refusal of a key that wants the PIN for each signature. */
ERR_MUST_USE enum ks_err pkcs11_key_wants_pin(struct err_cause *cause);

#endif
