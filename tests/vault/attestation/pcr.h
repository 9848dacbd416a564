/* SPDX-License-Identifier: Apache-2.0 */
/* Values of PCRs, quoted and wanted. */
#ifndef VAULT_ATTESTATION_PCR_H
#define VAULT_ATTESTATION_PCR_H

#include <tss2/tss2_tpm2_types.h>

#include "tests/vault/attestation/verifier.h"

/* VALUES, the evidence's list, are what QUOTE has the hash of, of just the PCRs
 * that RESULT says; they are put there. */
bool pcr_read(const json_t *values, const TPMS_QUOTE_INFO *quote,
              struct attestation_result *result,
              struct attestation_fault *ret_fault);

/* RESULT's PCRs are as POLICY wants them; NULL wants nothing. */
bool pcr_meet(const char *policy, const struct attestation_result *result,
              struct attestation_fault *ret_fault);

#endif
