/* SPDX-License-Identifier: Apache-2.0 */
/* Offer and evidence as a vault reads them: the JSON of docs/attestation.md. */
#ifndef AGENT_TOKEN_EVIDENCE_JSON_H
#define AGENT_TOKEN_EVIDENCE_JSON_H

#include "keystore/store/evidence.h"

/* OFFER, with PCRS (one bit each) that will be quoted; and EVIDENCE for a
 * NONCE of the vault's.  LAYOUT_EVIDENCE_MAX bytes at most; NULL where memory
 * is short. */
char *evidence_json_offer(const struct evidence_offer *offer, uint32_t pcrs);
char *evidence_json_answer(const struct evidence *evidence, const char *nonce);

/* Wipes; NULL is fine. */
void evidence_json_free(char *text);

#endif
