/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/attestation.md from the customer's side: the offer, what statements are
 * bound to, and the evidence, each right in every point until a test changes
 * it.
 */
#ifndef TESTS_VAULT_RULES_ATTESTATION_H
#define TESTS_VAULT_RULES_ATTESTATION_H

#include <stdbool.h>

#include "tests/vault/rules/attestation_binding.h"
#include "tests/vault/rules/connection.h"
#include "tests/vault/rules/customer.h"
#include "tests/vault/rules/tpm_statement.h"

/* One proof by a TPM.  From attestation_new() on all is filled in up to the
 * offer, then as the steps are taken. */
struct attestation {
    struct tpm *tpm;
    struct tpm_key *ak;
    struct tpm_key *machine;
    json_t *offer;
    const char *challenge; /* of the last M3 */
    const char *secret;    /* of the challenge, base64url */
    json_t *evidence;
    const char *body; /* the evidence as it is sent */
};

struct attestation *attestation_new(struct tpm *tpm);

/* Add PCR 0 to the offer, and so to the evidence. */
void attestation_ask_quote(struct attestation *attestation);

/* Offer another AK. */
void attestation_offer_key(struct attestation *attestation,
                           const struct tpm_key *key);

/* Whether TPM tells what CHALLENGE hides, with AK. */
bool attestation_opens(struct tpm *tpm, const struct tpm_key *ak,
                       const char *challenge);

/* SHA-256 of the EK's SubjectPublicKeyInfo, hexadecimal. */
const char *attestation_ek(const struct tpm *tpm);

/* Have the TPM open CHALLENGE, which must succeed. */
void attestation_open(struct attestation *attestation, const char *challenge);

/* M3 with the offer; the challenge is opened by the TPM, which must succeed. */
const struct reply *attestation_begin(struct customer *customer,
                                      struct attestation *attestation);
/* A customer of a vault of its own whose challenge is opened. */
struct customer *attestation_customer(struct attestation *attestation);

/* M3 with an offer, whatever comes of it. */
const struct reply *attestation_offer(struct customer *customer,
                                      const json_t *offer);

/* The evidence over such a Q: the statements are the TPM's and the keys' of
 * ATTESTATION. */
json_t *attestation_evidence(struct attestation *attestation, const char *nonce,
                             const uint8_t qualifying[static 32]);

/* Evidence in every point right for CUSTOMER's nonce. */
json_t *attestation_rightful(struct attestation *attestation,
                             const struct customer *customer);

/* POST {E}enrolments/evidence; what is sent is kept for the proof. */
struct request attestation_request(const struct customer *customer,
                                   const char *body);
const struct reply *attestation_send(struct customer *customer,
                                     struct attestation *attestation,
                                     json_t *evidence);

/* Expect EVIDENCE to be refused, and after it rightful evidence to be taken:
 * nothing was used up. */
void attestation_refuse(struct customer *customer,
                        struct attestation *attestation, json_t *evidence);

/* M4 for the TPM's machine key; the claims name MODE, the AK and what was
 * sent. */
struct statement attestation_proof(const struct customer *customer,
                                   const struct attestation *attestation,
                                   const char *mode);
const struct reply *attestation_enrol_with(struct customer *customer,
                                           struct attestation *attestation,
                                           struct statement proof);
const struct reply *attestation_enrol(struct customer *customer,
                                      struct attestation *attestation);

/* M2 to M4, of which nothing may be refused. */
void attestation_reach_evidence(struct customer *customer,
                                struct attestation *attestation);
void attestation_register(struct customer *customer,
                          struct attestation *attestation);

#endif
