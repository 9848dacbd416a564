/* SPDX-License-Identifier: Apache-2.0 */
/* One attestation against what came for its nonce: the challenge, what the
 * vault makes of offer and evidence, and what it keeps. */
#ifndef VAULT_ATTESTED_H
#define VAULT_ATTESTED_H

#include "tests/vault/service/admission.h"
#include "tests/vault/service/challenge.h"
#include "tests/vault/service/evidence.h"
#include "tests/vault/service/exchange.h"
#include "tests/vault/service/proof.h"

struct attested {
    struct challenge challenge;
    struct admission admission;
    struct evidence evidence;
    struct assurance assurance;
};

/* Each is false after a refusal; attested_clear() afterwards in any case. */

/* The evidence in the exchange's body, from the caller whose offer got the
 * challenge, for VAULT.  RET_KNOWN: the same was answered before.  Refuses
 * with nonce, too, where there is no challenge or other evidence came. */
bool attested_read_body(struct exchange *exchange, const char *vault,
                        struct attested *ret, bool *ret_known);

/* What has come for PROOF's nonce, which must be what the proof says, and fit
 * VAULT's policy and the machine key of hash KEY; in the transaction of M4. */
bool attested_read_proof(struct exchange *exchange, const struct proof *proof,
                         const char *vault, const char *key,
                         struct attested *ret);

/* The same where MACHINE is enrolled already and the answer may have been lost:
 * what is kept of it is believed, and other evidence is looked at as new but
 * for the policy.  It has to be kept where the admission is proven. */
bool attested_read_repeat(struct exchange *exchange, const struct proof *proof,
                          const struct machine *machine, struct attested *ret);

/* Says it in the exchange's record, and keeps the evidence, where there is
 * any, for the machine of UUID, with a certificate of its AK where the owner
 * trusts the EK.  False after a fault. */
bool attested_keep(struct exchange *exchange, const struct attested *attested,
                   const char *uuid);

void attested_clear(struct attested *attested);

#endif
