/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private key material on its way into a store: a PKCS#8 PrivateKeyInfo
 * (RFC 5208) read in place, so that no copy of a number is made on the way.
 */
#ifndef KEYSTORE_STORE_MATERIAL_H
#define KEYSTORE_STORE_MATERIAL_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "keystore/base/err.h"
#include "keystore/store/scheme.h"

/* PKCS#8 of the largest key accepted (RSA-4096) with room for attributes. */
#define MATERIAL_MAX 4096

/* A view of big-endian bytes that belong to somebody else. */
struct material_number {
    const uint8_t *bytes;
    size_t length;
};

struct material {
    enum material_type type;
    unsigned bits; /* of the modulus or the field */
    /* RSA (RFC 8017, A.1.2), without leading zero bytes */
    struct material_number n, e, d, p, q, dp, dq, qi;
    /* EC (RFC 5915): the scalar, padded to the field's width */
    struct material_number scalar;
    /* The part of the PrivateKeyInfo in front of its attributes. */
    struct material_number content;
};

/* Read a PKCS#8 PrivateKeyInfo; the numbers point into DER, which must stay
 * as it is while they are used.  KS_ERR_CRED_FORMAT: not such a structure, or
 * bytes behind it; KS_ERR_CRED_WEAK: another algorithm or curve, RSA below
 * 2048 or above 4096 bits, an even or small exponent. */
ERR_MUST_USE enum ks_err material_parse(const uint8_t *der, size_t length,
                                        struct material *ret,
                                        struct err_cause *cause);

/* KS_ERR_CRED_MISMATCH unless the key is the private half of PUBLIC: same
 * modulus and exponent and n = p*q, or scalar times generator. */
ERR_MUST_USE enum ks_err material_match(const struct material *material,
                                        EVP_PKEY *public,
                                        struct err_cause *cause);

#endif
