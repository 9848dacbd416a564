/* SPDX-License-Identifier: Apache-2.0 */
/* One enrolment with attestation, both sides of it, for the verifier's tests:
 * offer, challenge, activation and evidence, of a real TPM. */
#ifndef VAULT_ATTESTATION_TESTS_ROUND_H
#define VAULT_ATTESTATION_TESTS_ROUND_H

#include "tests/vault/attestation/tests/tpm.h"
#include "tests/vault/attestation/verifier.h"

struct round {
    json_t *offer_json;
    struct attestation_offer *offer;
    struct attestation_expected expected;
    char nonce[44];
    struct tpm_key *machine;
    struct tpm_key *credential;
    json_t *evidence;
};

/* What a round is of. */
struct round_of {
    enum tpm_ek ek;
    uint32_t pcrs;
    bool rsa;            /* the machine's key; else on P-256 */
    bool imports;        /* the machine's key was imported */
    bool has_credential; /* a second key is certified, too */
};

/* The machine's side does all that it can; nothing is checked yet. */
void round_make(struct tpm *tpm, const struct round_of *of, struct round *ret);
void round_free(struct round *round);

/* Q of this round for MACHINE. */
void round_qualify(const struct round *round, const struct tpm_key *machine,
                   uint8_t ret[static 32]);

/* The verifier takes EVIDENCE. */
void round_accept(const struct round *round, const json_t *evidence,
                  struct attestation_result *ret);
/* It refuses it, as evidence, and its sentence has SAYS in it. */
void round_refuse(const struct round *round, const json_t *evidence,
                  const char *says);

#endif
