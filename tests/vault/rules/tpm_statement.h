/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a TPM says and signs: the secret of a challenge, statements by its
 * attestation key, and a certificate request.
 */
#ifndef TESTS_VAULT_RULES_TPM_STATEMENT_H
#define TESTS_VAULT_RULES_TPM_STATEMENT_H

#include "tests/vault/rules/tpm.h"

/* What a challenge in tpm2-tools' form hides from all but the TPM with the EK
 * and AK; 0, or the TPM's answer where it does not tell. */
TSS2_RC tpm_activate(struct tpm *tpm, const struct tpm_key *ak,
                     const uint8_t *challenge, size_t length,
                     uint8_t ret[static 32]);

/* Statements by AK over QUALIFYING. */
struct tpm_statement {
    TPM2B_ATTEST statement;
    TPMT_SIGNATURE signature;
};
struct tpm_statement tpm_certify_creation(struct tpm *tpm,
                                          const struct tpm_key *ak,
                                          const uint8_t qualifying[static 32]);
struct tpm_statement tpm_certify(struct tpm *tpm, const struct tpm_key *ak,
                                 const struct tpm_key *key,
                                 const uint8_t qualifying[static 32]);

/* PCR 0 of SHA-256 alone; RET is its value. */
struct tpm_statement tpm_quote(struct tpm *tpm, const struct tpm_key *ak,
                               const uint8_t qualifying[static 32],
                               uint8_t ret[static 32]);

/* ECDSA over SHA-256 of DATA, in DER, for OPENSSL_free(). */
uint8_t *tpm_sign(struct tpm *tpm, const struct tpm_key *key,
                  const uint8_t *data, size_t length, int *ret_length);

/* A certificate request (base64) that KEY signs in the TPM. */
const char *tpm_request(struct tpm *tpm, const struct tpm_key *key);

#endif
