/* SPDX-License-Identifier: Apache-2.0 */
/* Offers, challenges and evidence, of a machine that enrols (M3) and of one
 * that is registered (M5). */
#ifndef VAULT_ATTESTATION_ENDPOINT_H
#define VAULT_ATTESTATION_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct admission;
struct exchange;

/* A challenge for ADMISSION's offer, which was OFFER, kept with NONCE until
 * EXPIRES; new text, NULL after a fault. */
char *attestation_endpoint_challenge(struct exchange *exchange,
                                     const struct admission *admission,
                                     const json_t *offer, const char *nonce,
                                     int64_t expires);

/* POST {E}enrolments/evidence */
void attestation_endpoint_enrolment(struct exchange *exchange);

/* POST {E}machines/self/attestation and {E}machines/self/evidence */
void attestation_endpoint_offer(struct exchange *exchange);
void attestation_endpoint_evidence(struct exchange *exchange);

#endif
