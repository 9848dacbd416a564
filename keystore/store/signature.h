/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store's signature, in the form of keystore_sign(), seen from outside: its
 * length, its other form, and whether it is good.  Needs no store.
 */
#ifndef KEYSTORE_STORE_SIGNATURE_H
#define KEYSTORE_STORE_SIGNATURE_H

#include "keystore/store/keystore.h"

/* Have CONTEXT sign or verify digests by SCHEME, with a SALT as RSA-PSS has it
 * in EVP_PKEY_CTX_set_rsa_pss_saltlen(3); false: it cannot. */
bool signature_set(EVP_PKEY_CTX *context, enum keystore_scheme scheme,
                   int salt);

/* Length in bytes of every signature that PUBLIC verifies. */
size_t signature_length(EVP_PKEY *public);

/* SIGNATURE of LENGTH bytes, as keystore_sign() gave it, in the form that
 * TLS and X.509 carry: ECDSA's as DER.  RET has room for KEYSTORE_SIGNATURE_MAX
 * bytes; returns the length, or 0. */
size_t signature_standard(enum keystore_scheme scheme, const uint8_t *signature,
                          size_t length, uint8_t *ret);

/* r || s (RFC 7518, 3.4) as the DER of RFC 3279, 2.2.3.  DER has room for
 * KEYSTORE_SIGNATURE_MAX bytes; returns the length, or 0. */
size_t signature_ecdsa_der(const uint8_t *raw, size_t length, uint8_t *der);

/* Is it PUBLIC's signature of DIGEST, which has the scheme's length? */
bool signature_is_good(EVP_PKEY *public, enum keystore_scheme scheme,
                       const uint8_t *digest, const uint8_t *signature,
                       size_t length);

/* The same for SCHEME of RSA-PSS, but with a salt of any length. */
bool signature_is_good_by_any_salt(EVP_PKEY *public,
                                   enum keystore_scheme scheme,
                                   const uint8_t *digest,
                                   const uint8_t *signature, size_t length);

#endif
