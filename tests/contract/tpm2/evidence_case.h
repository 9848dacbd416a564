/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of a TPM's evidence share: a verifier's part of the exchange, by
 * tpm2-tools, and what the whole evidence has to be.
 */
#ifndef TESTS_CONTRACT_TPM2_EVIDENCE_CASE_H
#define TESTS_CONTRACT_TPM2_EVIDENCE_CASE_H

#include "tests/contract/tpm2/case.h"
#include "tests/contract/tpm2/statement.h"

/* As tpm2_case_start(), with a TPM that has endorsement keys' certificates. */
int evidence_case_start(void **state);
#define EVIDENCE_CASE(test)                                                    \
    cmocka_unit_test_setup_teardown(test, evidence_case_start, tpm2_case_stop)

/* One exchange: what was offered, what is asked, and the answer. */
struct evidence_case {
    struct evidence_offer offer;
    uint8_t challenge[EVIDENCE_CHALLENGE_MAX];
    uint8_t secret[32];
    uint8_t qualifying[EVIDENCE_QUALIFYING];
    struct evidence_question question;
    struct evidence evidence;
};

/* Have the open store make an offer. */
void evidence_case_offer(struct evidence_case *exchange);

/* Have `tpm2 makecredential -T none` make a challenge for the endorsement key
 * of the offer and an attestation key of NAME, of a fresh secret.  The question
 * is about no key yet. */
void evidence_case_challenge(struct evidence_case *exchange,
                             const TPM2B_NAME *name);

/* The same for the keys of the offer or, with NAME, for another attestation
 * key; about a machine key born in the open store. */
void evidence_case_ask(struct evidence_case *exchange, const TPM2B_NAME *name);

/* The machine's key goes again. */
void evidence_case_end(struct evidence_case *exchange);

/* Give evidence and hold all of it against the question. */
void evidence_case_assert_answered(struct evidence_case *exchange);

/* STATEMENT must be of TYPE and about the question; what it says into RET. */
void evidence_case_assert_statement(const struct evidence_case *exchange,
                                    const struct evidence_statement *statement,
                                    TPM2_ST type, TPMS_ATTEST *ret);

#endif
