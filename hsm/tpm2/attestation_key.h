/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attestation key (AK): born under the storage root key for one proof, and
 * never in any file.  It is restricted: it signs what the TPM itself says, and
 * nothing else.
 */
#ifndef HSM_TPM2_ATTESTATION_KEY_H
#define HSM_TPM2_ATTESTATION_KEY_H

#include "hsm/tpm2/slots.h"
#include "hsm/tpm2/srk.h"

struct tpm2_attestation_key {
    TPM2B_PUBLIC public;
    TPM2B_PRIVATE private;
    TPM2B_NAME name;
    TPM2B_CREATION_DATA creation;
    TPM2B_DIGEST creation_hash;
    TPMT_TK_CREATION ticket; /* the TPM's own word on them */
    struct tpm2_slot slot;
};

/* Have TPM make one under SRK; it is not loaded.  KS_ERR_TOKEN_UNSUPPORTED: it
 * makes no such keys; KS_ERR_TOKEN_WEAK: it made another kind of key. */
ERR_MUST_USE enum ks_err tpm2_attestation_key_make(
    struct tpm2_connection *tpm, const struct tpm2_srk *srk,
    struct tpm2_attestation_key *ret, struct err_cause *cause);

/* Load KEY, which is not. */
ERR_MUST_USE enum ks_err tpm2_attestation_key_load(
    struct tpm2_connection *tpm, const struct tpm2_srk *srk,
    struct tpm2_attestation_key *key, struct err_cause *cause);

#endif
