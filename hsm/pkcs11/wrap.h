/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private key wrapped for a token: AES-KWP (RFC 5649) under a fresh AES-256
 * key, and that one by RSA-OAEP (RFC 8017, 7.1) under a key of the token's.
 * Both together are what CKM_RSA_AES_KEY_WRAP takes (PKCS#11 v3.0, 2.1.21).
 */
#ifndef HSM_PKCS11_WRAP_H
#define HSM_PKCS11_WRAP_H

#include "keystore/store/material.h"

#define PKCS11_WRAP_KEK_BITS 256
#define PKCS11_WRAP_TRANSPORT_BITS                                             \
    3072 /* like AES-128 (SP 800-57, 5.6.1.1)                                  \
          */

struct pkcs11_wrap;

/* A view of bytes that belong to the wrap. */
struct pkcs11_blob {
    uint8_t *bytes;
    size_t length;
};

/* Choose the AES key and wrap MATERIAL under it.  The caller frees *RET. */
ERR_MUST_USE enum ks_err pkcs11_wrap_new(const struct material *material,
                                         struct pkcs11_wrap **ret,
                                         struct err_cause *cause);
void pkcs11_wrap_free(struct pkcs11_wrap **wrap);

/* Wrap the AES key under TRANSPORT, RSA of exactly the bits above, with DIGEST
 * for OAEP and its mask.  May be done again with another digest. */
ERR_MUST_USE enum ks_err pkcs11_wrap_seal(struct pkcs11_wrap *wrap,
                                          EVP_PKEY *transport,
                                          const EVP_MD *digest,
                                          struct err_cause *cause);

/* Once sealed: the wrapped AES key, the key under it, and one behind the
 * other. */
struct pkcs11_blob pkcs11_wrap_kek(const struct pkcs11_wrap *wrap);
struct pkcs11_blob pkcs11_wrap_key(const struct pkcs11_wrap *wrap);
struct pkcs11_blob pkcs11_wrap_both(const struct pkcs11_wrap *wrap);

#endif
