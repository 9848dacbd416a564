/* SPDX-License-Identifier: Apache-2.0 */
/* The proof of where the machine's key lives (docs/attestation.md): the part of
 * an enrolment between the birth of that key and its certificate request. */
#ifndef AGENT_HOLDFAST_REGISTER_ATTEST_H
#define AGENT_HOLDFAST_REGISTER_ATTEST_H

#include "agent/holdfast/session/pair.h"

/* Get the nonce of an enrolment for a machine that people call NAME, and give
 * the vault what the token can prove, as far as the settings want it.  The
 * vault's words on it are noted in the state's memory.  KS_ERR_ATTEST: proof is
 * required, and the token has none or the vault asks for none;
 * KS_ERR_ATTEST_CHALLENGE: its challenge is not for this token;
 * KS_ERR_VAULT_POLICY, _EVIDENCE, _DUPLICATE: it refuses. */
ERR_MUST_USE enum ks_err attest_enrolment(const struct session *session,
                                          const struct pair *pair,
                                          const char *name,
                                          struct net_nonce *ret,
                                          struct err_cause *cause);

/* Give the vault evidence anew, as the registered machine and of the same key:
 * MACHINE is its pair.  EK, firmware and the vault's words are noted in the
 * state's memory.  Errors as above; KS_ERR_STATE_BROKEN: no machine
 * certificate. */
ERR_MUST_USE enum ks_err attest_anew(const struct session *session,
                                     const struct pair *machine,
                                     struct err_cause *cause);

#endif
