/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment proof of M4: the credential's word for one machine key. */
#ifndef VAULT_PROOF_H
#define VAULT_PROOF_H

#include "tests/vault/service/credential.h"
#include "tests/vault/service/exchange.h"
#include "tests/vault/service/machine.h"

#define PROOF_NONCE_MAX 128

struct proof {
    char nonce[PROOF_NONCE_MAX];
    char key_store[MACHINE_KEY_STORE_MAX]; /* JSON */
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
