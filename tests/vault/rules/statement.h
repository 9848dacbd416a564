/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed statements (JWS, RFC 7515): the client assertion of M2 and the proof
 * of M4.  Each starts right in every point; a test then changes header or
 * claims and signs.
 */
#ifndef TESTS_VAULT_RULES_STATEMENT_H
#define TESTS_VAULT_RULES_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "tests/vault/rules/credential.h"

struct statement {
    json_t *header;
    json_t *claims;
    EVP_PKEY *key;
    const char *sign_as; /* an alg that the header does not name, or NULL */
};

struct statement statement_assertion(const struct credential *credential);
struct statement statement_proof(const struct credential *credential,
                                 EVP_PKEY *machine_key, const char *nonce);

/* Set, or with a NULL text remove, one claim or header parameter. */
void statement_set(json_t *object, const char *name, const char *text);
void statement_set_number(json_t *object, const char *name, long number);

/* The compact form, signed as the header's alg says: PS256, RS256, ES256,
 * ES384; "HS256" signs with the public key as its secret, "none" not at all. */
const char *statement_sign(struct statement statement);

/* The same signature under other claims. */
const char *statement_swap_claims(const char *compact, json_t *claims);

/* The claims of a compact form, and the raw bytes of its signature. */
json_t *statement_claims(const char *compact);
uint8_t *statement_signature(const char *compact, size_t *ret_length);

const char *statement_base64url(const uint8_t *data, size_t length);

/* base64url of the SHA-256 of a key's SubjectPublicKeyInfo. */
const char *statement_key_hash(EVP_PKEY *key);

#endif
