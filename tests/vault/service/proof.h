/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment proof of M4: the credential's word for one machine key. */
#ifndef VAULT_PROOF_H
#define VAULT_PROOF_H

#include "tests/vault/service/credential.h"
#include "tests/vault/service/exchange.h"
#include "tests/vault/service/machine.h"

#define PROOF_NONCE_MAX 128
#define PROOF_AK_MAX 48 /* 34 bytes in base64url, and more than fit */

struct proof {
    char nonce[PROOF_NONCE_MAX];
    char key_store[MACHINE_KEY_STORE_MAX]; /* JSON */
    /* Of the claim attestation: the AK's Name in base64url and the hash of the
     * evidence, "" where it has none, and whether it wants evidence. */
    char ak_name[PROOF_AK_MAX];
    char evidence[ENCODING_HASH_HEX];
    bool require;
    int64_t from, to;
};

/* The request's Enrolment-Proof by CREDENTIAL for the machine key of hash KEY.
 * Refuses with proof.  Whether the nonce is good is another matter:
 * nonce_take(). */
bool proof_check(struct exchange *exchange, const struct credential *credential,
                 const char *key, struct proof *ret);

/* Is PROOF in its time?  Refuses with clock.  Asked after the credential's
 * standing, which says more where both are over. */
bool proof_check_time(struct exchange *exchange, const struct proof *proof);

#endif
