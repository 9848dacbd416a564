/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of attestation in holdfast-token share: a store that signs nothing
 * and shows what it was asked.
 */
#ifndef TESTS_UNIT_AGENT_TOKEN_ATTEST_CASE_H
#define TESTS_UNIT_AGENT_TOKEN_ATTEST_CASE_H

#include <jansson.h>

#include "agent/token/token.h"
#include "keystore/store/backend.h"

#define ATTEST_CASE_NONCE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define ATTEST_CASE_VAULT "4711"
#define ATTEST_CASE_PCRS 0x81

struct attest_case {
    struct token token;
    struct keystore store;
    struct msg *msg, *sent;
    struct err_cause cause;
    uint8_t certificate_sha256[32]; /* of the credential's */
    bool with_everything;           /* certificate, chain, credential, quote */
    /* What the store was asked. */
    uint8_t qualifying[EVIDENCE_QUALIFYING];
    uint8_t challenge[EVIDENCE_CHALLENGE_MAX];
    const struct keystore_key *asked_of, *asked_besides;
    uint32_t asked_pcrs;
};
extern struct attest_case attest_case;

int attest_case_start(void **state);
int attest_case_stop(void **state);

/* Of a store that proves nothing. */
extern const struct keystore_ops attest_case_silent;

/* A run of PHASE, with its keys bound. */
void attest_case_begin(enum statement_phase phase);

/* TOKEN_ATTEST and TOKEN_EVIDENCE; the answer is in the case's message. */
enum ks_err attest_case_ask(uint32_t pcrs);
enum ks_err attest_case_answer(const struct layout_token_evidence *question);
extern const struct layout_token_evidence attest_case_of_credential;

/* The JSON that was answered; of OFFER or evidence.  The caller frees it. */
json_t *attest_case_answered(bool of_offer);

/* NAME is LENGTH times BYTE in base64url. */
void attest_case_expect(const json_t *object, const char *name, uint8_t byte,
                        size_t length);

#endif
