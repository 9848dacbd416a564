/* SPDX-License-Identifier: Apache-2.0 */
/* What a TPM says and signs by its AK: TPMS_ATTEST (TPM 2.0 Part 2, 10.12.8).
 */
#ifndef VAULT_ATTESTATION_STATEMENT_H
#define VAULT_ATTESTATION_STATEMENT_H

#include <openssl/types.h>
#include <tss2/tss2_tpm2_types.h>

#include "tests/vault/attestation/verifier.h"

/* How a statement has to be. */
struct statement_form {
    const char *subject; /* as in "the creation statement", for sentences */
    TPMI_ST_ATTEST type;
    EVP_PKEY *ak;
    const uint8_t *qualifying; /* Q, 32 bytes */
};

/* The members "statement" and "signature" of JSON: the AK's ECDSA signature
 * over those bytes, made by the TPM itself (its magic number) about this
 * enrolment (extraData). */
bool statement_read(const json_t *json, const struct statement_form *form,
                    TPMS_ATTEST *ret, struct attestation_fault *ret_fault);

#endif
