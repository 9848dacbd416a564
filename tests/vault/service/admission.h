/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a machine meets its vault's policy, by what is known of it so far: at
 * M3 its offer or that there is none, then its evidence, and in M4's
 * transaction all of it.  Policy and trust are read anew each time. */
#ifndef VAULT_ADMISSION_H
#define VAULT_ADMISSION_H

#include <jansson.h>

#include "tests/vault/attestation/verifier.h"
#include "tests/vault/service/challenge.h"
#include "tests/vault/service/evidence.h"
#include "tests/vault/service/exchange.h"
#include "tests/vault/service/policy.h"

struct admission {
    char vault[VAULT_ID_MAX];
    struct policy policy;
    struct attestation_offer *offer; /* NULL: none came */
    struct attestation_judgement judgement;
    bool proven; /* and what follows is filled in */
    struct attestation_result result;
};

/* Each is false after a refusal with policy, endorsement or evidence.  The
 * sentence of policy says what to do. */

/* Reads the policy of VAULT and, where OFFER is not NULL, the offer, and judges
 * its EK.  admission_clear() afterwards in any case. */
bool admission_begin(struct exchange *exchange, const char *vault,
                     const json_t *offer, struct admission *ret);
void admission_clear(struct admission *admission);

/* Can a machine with this offer, or without one, meet the policy at all? */
bool admission_check_offer(struct exchange *exchange,
                           const struct admission *admission);

/* Checks EVIDENCE for NONCE against the offer, by the certificate and the
 * secret of CHALLENGE; where the secret has come back already, by the one in
 * the evidence. */
bool admission_prove(struct exchange *exchange, struct admission *admission,
                     const struct challenge *challenge, const json_t *evidence);

/* Is the evidence of the machine key with this hash? */
bool admission_check_key(struct exchange *exchange,
                         const struct admission *admission, const char *key);

/* Where the TPM certifies a credential's key, is it that of the TLS client,
 * which is the credential? */
bool admission_check_credential(struct exchange *exchange,
                                const struct admission *admission);

/* Does a machine that says KEY_STORE (JSON) of its key meet the policy? */
bool admission_check(struct exchange *exchange,
                     const struct admission *admission, const char *key_store);

/* The evidence as it is to be kept, empty and claimed where nothing is proven;
 * evidence_clear() afterwards in any case.  False without memory. */
bool admission_evidence(const struct exchange *exchange,
                        const struct admission *admission,
                        const struct challenge *challenge,
                        struct evidence *ret);

/* Refuses with duplicate where another machine of the vault that is registered
 * has the same TPM.  NAME and UUID ("": none yet) are the asking machine's. */
bool admission_check_single(struct exchange *exchange,
                            const struct admission *admission, const char *name,
                            const char *uuid);

#endif
