/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's public keys made of the numbers that a store gives. */
#ifndef KEYSTORE_STORE_PUBLIC_KEY_H
#define KEYSTORE_STORE_PUBLIC_KEY_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "keystore/base/der.h"
#include "keystore/base/err.h"
#include "keystore/store/material.h"

/* An RSA key of big-endian numbers; the caller frees *RET.
 * KS_ERR_TOKEN_FAILED: they are no key; KS_ERR_KEY_OTHER: not a modulus of
 * 2048 to 4096 bits with an odd exponent of 65537 or more. */
ERR_MUST_USE enum ks_err public_key_rsa(const struct der *modulus,
                                        const struct der *exponent,
                                        EVP_PKEY **ret,
                                        struct err_cause *cause);

/* Length in bytes of an uncompressed point (SEC 1, 2.3.3) on TYPE's curve. */
size_t public_key_point_length(enum material_type type);

/* An EC key of such a point; the caller frees *RET.  KS_ERR_TOKEN_FAILED: it is
 * not on TYPE's curve. */
ERR_MUST_USE enum ks_err public_key_ec(enum material_type type,
                                       const uint8_t *point, EVP_PKEY **ret,
                                       struct err_cause *cause);

#endif
