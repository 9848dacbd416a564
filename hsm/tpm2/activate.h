/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to a verifier's challenge (TPM 2.0 Part 1, 24): a secret that only
 * the TPM with both its endorsement key and that attestation key can read. */
#ifndef HSM_TPM2_ACTIVATE_H
#define HSM_TPM2_ACTIVATE_H

#include "hsm/tpm2/attestation_key.h"
#include "hsm/tpm2/endorsement.h"

struct tpm2_challenge {
    TPM2B_ID_OBJECT object;
    TPM2B_ENCRYPTED_SECRET seed;
};

/* Read a challenge in the form of tpm2-tools' file.  KS_ERR_ATTEST_CHALLENGE:
 * it is none. */
ERR_MUST_USE enum ks_err tpm2_challenge_read(const uint8_t *bytes,
                                             size_t length,
                                             struct tpm2_challenge *ret,
                                             struct err_cause *cause);

/* The keys that answer, which are loaded. */
struct tpm2_activation {
    struct tpm2_connection *tpm;
    ESYS_TR salt; /* the storage root key, for the policy's session */
    const struct tpm2_endorsement *ek;
    const struct tpm2_attestation_key *ak;
};

/* The secret of CHALLENGE into RET.  KS_ERR_ATTEST_CHALLENGE: it was made for
 * another TPM or another key, or was altered. */
ERR_MUST_USE enum ks_err tpm2_activate(const struct tpm2_activation *by,
                                       const struct tpm2_challenge *challenge,
                                       struct evidence *ret,
                                       struct err_cause *cause);

#endif
