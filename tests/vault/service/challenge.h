/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of an attestation that is under way: the offer that came with
 * a nonce, the secret that its challenge hides, and the evidence. */
#ifndef VAULT_CHALLENGE_H
#define VAULT_CHALLENGE_H

#include <jansson.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/exchange.h"

struct challenge {
    char nonce[ENCODING_HASH_HEX]; /* SHA-256 of it, as text */
    /* SHA-256 of the certificate that the TLS client showed at the offer. */
    char caller[ENCODING_HASH_HEX];
    json_t *offer;
    char secret[ENCODING_HASH_HEX]; /* 32 bytes; "" once it has come back */
    int64_t expires;
    char *evidence; /* as it came; "" until then */
};

/* Keep OFFER and SECRET beside NONCE until EXPIRES, for the exchange's TLS
 * client; what is past its time is forgotten. */
bool challenge_make(struct exchange *exchange, const char *nonce,
                    const json_t *offer, const uint8_t secret[static 32],
                    int64_t expires);

/* That of NONCE; RET_FOUND says whether there is one.  False after a fault.
 * challenge_clear() afterwards in any case. */
bool challenge_find(struct exchange *exchange, const char *nonce,
                    struct challenge *ret, bool *ret_found);
void challenge_clear(struct challenge *challenge);

/* The evidence has come, and is good: the secret is forgotten. */
bool challenge_answer(struct exchange *exchange,
                      const struct challenge *challenge, const char *evidence);

/* All is done with it. */
bool challenge_end(struct exchange *exchange,
                   const struct challenge *challenge);

#endif
