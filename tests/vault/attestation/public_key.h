/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys out of their numbers. */
#ifndef VAULT_ATTESTATION_PUBLIC_KEY_H
#define VAULT_ATTESTATION_PUBLIC_KEY_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

/* A number, big-endian and without a sign. */
struct public_number {
    const uint8_t *bytes;
    size_t length;
};

/* NULL where OpenSSL does not take it. */
EVP_PKEY *public_key_rsa(struct public_number modulus,
                         struct public_number exponent);

/* CURVE is "P-256" or "P-384", OCTETS the point as SEC 1 writes it (2.3.3).
 * NULL where it is not on the curve. */
EVP_PKEY *public_key_ec(const char *curve, const uint8_t *octets,
                        size_t length);

#endif
