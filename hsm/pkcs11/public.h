/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public half of a key on a token, as far as the token knows it.
 */
#ifndef HSM_PKCS11_PUBLIC_H
#define HSM_PKCS11_PUBLIC_H

#include "hsm/pkcs11/object.h"

/* Room for 0x04 and both coordinates of a point, and its OCTET STRING. */
#define PKCS11_POINT_MAX 128

struct pkcs11_public {
    enum material_type type;
    EVP_PKEY *key; /* NULL: the token knows only the private half */
};

/* The type of the private OBJECT under ID, and its public key: from itself or
 * from the public object under the same id.  The caller frees ret->key.
 * KS_ERR_KEY_OTHER: a type that is none of ours, RSA beyond 2048 to 4096 bits
 * or with an exponent below 65537, or more than one public object. */
ERR_MUST_USE enum ks_err pkcs11_public_read(struct pkcs11_token *token,
                                            CK_OBJECT_HANDLE object,
                                            const uint8_t *id,
                                            struct pkcs11_public *ret,
                                            struct err_cause *cause);

/* CKA_EC_POINT of PUBLIC: the uncompressed point in an OCTET STRING. */
ERR_MUST_USE enum ks_err
pkcs11_public_point(EVP_PKEY *public, uint8_t ret[static PKCS11_POINT_MAX],
                    size_t *ret_length, struct err_cause *cause);

#endif
