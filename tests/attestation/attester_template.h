/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attesting machine asks its TPM for.
 */
#ifndef TESTS_ATTESTATION_ATTESTER_TEMPLATE_H
#define TESTS_ATTESTATION_ATTESTER_TEMPLATE_H

#include <tss2/tss2_tpm2_types.h>

/* The parent of keys, on P-256. */
extern const TPM2B_PUBLIC attester_storage_root;
/* The EK of RSA-2048: TCG EK Credential Profile 2.5, template L-1. */
extern const TPM2B_PUBLIC attester_endorsement;
/* The AK. */
extern const TPM2B_PUBLIC attester_ak;
/* The machine's key, without a scheme: strangers' readers of the public area
 * expect none. */
extern const TPM2B_PUBLIC attester_p256;
extern const TPM2B_PUBLIC attester_rsa2048;

#endif
