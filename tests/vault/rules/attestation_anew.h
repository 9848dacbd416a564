/* SPDX-License-Identifier: Apache-2.0 */
/* A registered machine gives evidence anew (docs/protocol.md, M3). */
#ifndef TESTS_VAULT_RULES_ATTESTATION_ANEW_H
#define TESTS_VAULT_RULES_ATTESTATION_ANEW_H

#include "tests/vault/rules/attestation.h"

/* A connection under CUSTOMER's machine certificate, whose key is in the TPM of
 * ATTESTATION. */
struct connection *attestation_anew_line(const struct customer *customer,
                                         const struct attestation *attestation);

/* POST {E}machines/self/WORD */
const struct reply *attestation_anew_send(struct connection *line,
                                          const struct customer *customer,
                                          const char *word, const json_t *body);

/* Offer by ATTESTATION, whose challenge is opened; returns the nonce. */
const char *attestation_anew_offer(struct connection *line,
                                   const struct customer *customer,
                                   struct attestation *attestation);

/* Evidence in every point right for that nonce. */
json_t *attestation_anew_evidence(const struct customer *customer,
                                  struct attestation *attestation,
                                  const char *nonce);

#endif
