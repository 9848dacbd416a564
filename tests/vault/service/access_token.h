/* SPDX-License-Identifier: Apache-2.0 */
/* The access token: a JWT signed by the vault, bound to the credential's
 * certificate (RFC 8705, 3.1), and what it takes to use one at M3 and M4. */
#ifndef VAULT_ACCESS_TOKEN_H
#define VAULT_ACCESS_TOKEN_H

#include "tests/vault/service/credential.h"
#include "tests/vault/service/exchange.h"

#define ACCESS_TOKEN_SECONDS 600

/* What a token is good for. */
struct access_token {
    int64_t generation;
    char machine_key[ENCODING_HASH_HEX]; /* of the assertion; "": none */
    bool repeat; /* only to take up the enrolment of that key again */
    bool plain;  /* of an assertion for no vault: registers nothing */
    int64_t from, to;
};

/* The credential whose certificate the TLS client showed, whatever its
 * standing; refuses with unknown-certificate.  credential_clear() afterwards in
 * any case. */
bool access_token_credential(struct exchange *exchange,
                             struct credential *credential);

/* A token for CREDENTIAL; NULL after a fault.  RET is its life in seconds. */
char *access_token_make(const struct exchange *exchange,
                        const struct credential *credential,
                        const struct access_token *token, int64_t *ret);

/* Rule 4: the request's bearer token, for CREDENTIAL as
 * access_token_credential() found it.  Refuses with token or
 * certificate-mismatch. */
bool access_token_check(struct exchange *exchange,
                        const struct credential *credential,
                        struct access_token *ret);

/* Is TOKEN in its time?  Asked after the credential's standing, which says more
 * where both are over. */
bool access_token_check_time(struct exchange *exchange,
                             const struct access_token *token);

#endif
