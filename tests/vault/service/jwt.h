/* SPDX-License-Identifier: Apache-2.0 */
/* Compact JWS (RFC 7515) with JSON in it: reading, verifying, and the ES256
 * signature of the vault's own tokens.  Whose key it must be, and what the
 * claims must say, is checked by those who read them. */
#ifndef VAULT_JWT_H
#define VAULT_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <openssl/types.h>

#include "tests/vault/service/encoding.h"

struct jwt {
    json_t *header;
    json_t *claims;
    char *content; /* what is signed: header "." claims, as they came */
    uint8_t *signature;
    size_t signature_length;
};

/* RET is cleared by the caller in any case. */
bool jwt_parse(const char *text, struct jwt *ret);
void jwt_clear(struct jwt *jwt);

/* A member of header or claims; NULL or false where it is absent or of another
 * type. */
const char *jwt_text(const json_t *object, const char *name);
bool jwt_time(const json_t *object, const char *name, int64_t *ret);

/* Whether KEY made the signature, by the algorithm that the header names, one
 * of PS256 (salt of 32 bytes), RS256, ES256 and ES384 that fits KEY. */
bool jwt_verify(const struct jwt *jwt, EVP_PKEY *key);

/* SHA-256 of the signature's bytes, "" where there is none. */
void jwt_signature_hash(const struct jwt *jwt,
                        char ret[static ENCODING_HASH_HEX]);

/* New text, signed by KEY on P-256; NULL after a fault. */
char *jwt_sign(EVP_PKEY *key, const char *type, const json_t *claims);

#endif
