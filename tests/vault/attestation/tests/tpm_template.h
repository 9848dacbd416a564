/* SPDX-License-Identifier: Apache-2.0 */
/* How the tests' TPM is asked to make keys. */
#ifndef VAULT_ATTESTATION_TESTS_TPM_TEMPLATE_H
#define VAULT_ATTESTATION_TESTS_TPM_TEMPLATE_H

#include <tss2/tss2_tpm2_types.h>

/* By enum tpm_ek: L-1, L-2 and H-3 of the TCG EK Credential Profile 2.5. */
extern const TPM2B_PUBLIC tpm_template_ek[3];
extern const TPM2B_PUBLIC tpm_template_srk;

/* A key that signs, on P-256 or of RSA-2048; where it is restricted, by ECDSA
 * with SHA-256 alone. */
TPM2B_PUBLIC tpm_template_ecc(TPMA_OBJECT attributes);
TPM2B_PUBLIC tpm_template_rsa(TPMA_OBJECT attributes);

#endif
