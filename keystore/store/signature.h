/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a store signed, in the form of keystore_sign(), seen from outside: its
 * length, its other form, and whether it is good.  Needs no store.
 */
#ifndef KEYSTORE_STORE_SIGNATURE_H
#define KEYSTORE_STORE_SIGNATURE_H

#include "keystore/store/keystore.h"

/* The hash whose digest SCHEME signs. */
const EVP_MD *signature_hash(enum keystore_scheme scheme);

/* Length in bytes of every signature that PUBLIC verifies. */
size_t signature_length(EVP_PKEY *public);

/* r || s (RFC 7518, 3.4) as the DER of RFC 3279, 2.2.3.  DER has room for
 * KEYSTORE_SIGNATURE_MAX bytes; returns the length, or 0. */
size_t signature_ecdsa_der(const uint8_t *raw, size_t length, uint8_t *der);

/* Is it PUBLIC's signature of DIGEST, which has the scheme's length? */
bool signature_is_good(EVP_PKEY *public, enum keystore_scheme scheme,
                       const uint8_t *digest, const uint8_t *signature,
                       size_t length);

/* The same for KEYSTORE_PS256, but with a salt of any length. */
bool signature_is_good_by_any_salt(EVP_PKEY *public, const uint8_t *digest,
                                   const uint8_t *signature, size_t length);

#endif
