/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that commands print on standard output, for people or as JSON. */
#ifndef AGENT_HOLDFAST_REPORT_REPORT_H
#define AGENT_HOLDFAST_REPORT_REPORT_H

#include <stdbool.h>

#include "agent/holdfast/session/inspect_client.h"
#include "agent/holdfast/state/state.h"
#include "agent/holdfast/session/tpm_change.h"
#include "keystore/credential/credential.h"

/* Print what the file holds.  VERDICT says whether it could register now, CAUSE
 * why not. */
ERR_MUST_USE enum ks_err report_credential(const struct credential *credential,
                                           enum ks_err verdict,
                                           const struct err_cause *why,
                                           bool json, struct err_cause *cause);

/* Print what is recorded of the registration, and what has become of its TPM;
 * CHANGE is NULL where nobody looked at one. */
void report_state(const struct state *state, const struct tpm_change *change,
                  bool json);

/* The tokens of PKCS#11 modules, and TPMs. */
void report_tokens(const struct inspect_token *tokens, size_t token_count,
                   const struct tpm_client *tpms, size_t tpm_count, bool json);

/* Print what the TPM of URI could prove: TYPES are those of keys that it takes.
 */
void report_attest(const char *uri, const char *types,
                   const struct layout_token_endorsement_answer *found,
                   bool json);

/* Whether a token is hardware, in words. */
const char *report_hardware(bool emulated, bool says_so);

#endif
