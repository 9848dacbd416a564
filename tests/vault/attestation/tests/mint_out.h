/* SPDX-License-Identifier: Apache-2.0 */
/* ASN.1, written as oddly as a certificate is wanted. */
#ifndef VAULT_ATTESTATION_TESTS_MINT_OUT_H
#define VAULT_ATTESTATION_TESTS_MINT_OUT_H

#include <openssl/bn.h>

#include "tests/vault/attestation/tests/mint.h"

/* What is written so far, and how. */
struct mint_out {
    uint8_t bytes[MINT_MAX];
    size_t length;
    unsigned odd;
};

/* Nothing yet, in the same way. */
struct mint_out mint_empty(const struct mint_out *like);
void mint_put(struct mint_out *out, const void *bytes, size_t length);
void mint_put_tlv(struct mint_out *out, uint8_t tag, const void *bytes,
                  size_t length);
void mint_put_in(struct mint_out *out, uint8_t tag,
                 const struct mint_out *content);
/* INTEGER of a number without a sign. */
void mint_put_number(struct mint_out *out, const BIGNUM *number);
void mint_put_boolean(struct mint_out *out, bool value);
void mint_put_algorithm(struct mint_out *out, const struct mint *as,
                        enum mint_signature by);
void mint_put_signature(struct mint_out *out, const struct mint *as,
                        const struct mint_out *tbs);

#define MINT_OID(out, ...)                                                     \
    do {                                                                       \
        const uint8_t oid[] = {__VA_ARGS__};                                   \
        mint_put_tlv(out, 0x06, oid, sizeof oid);                              \
    } while (false)
#define MINT_PKCS1(n) 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, n

#endif
