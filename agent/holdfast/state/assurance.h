/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the machine's key comes from and who says so, in the words of
 * docs/attestation.md: two axes, which are never mixed.
 */
#ifndef AGENT_HOLDFAST_STATE_ASSURANCE_H
#define AGENT_HOLDFAST_STATE_ASSURANCE_H

#include "agent/holdfast/state/fields.h"

/* "born", "imported" or "emulated": the vault's word, or else the token's; of
 * an emulation the first only where the vault trusts its EK. */
const char *assurance_origin(const struct state *state);

/* "claimed", "certified" or "EK-verified". */
const char *assurance_proof(const struct state *state);

/* Both for people: "born in the token, EK-verified, emulated TPM". */
#define ASSURANCE_SENTENCE_MAX 80
void assurance_sentence(const struct state *state,
                        char ret[static ASSURANCE_SENTENCE_MAX]);

#endif
