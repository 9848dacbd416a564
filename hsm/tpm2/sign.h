/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by a key that the TPM has. */
#ifndef HSM_TPM2_SIGN_H
#define HSM_TPM2_SIGN_H

#include "hsm/tpm2/key.h"

/* A hash of SCHEME's length. */
struct tpm2_digest {
    enum keystore_scheme scheme;
    const uint8_t *bytes;
};

/* As keystore_sign(). */
ERR_MUST_USE enum ks_err tpm2_sign(struct tpm2_key *key,
                                   const struct tpm2_digest *digest,
                                   uint8_t *signature, size_t *length,
                                   struct err_cause *cause);

#endif
