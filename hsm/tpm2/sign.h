/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by a key that the TPM has. */
#ifndef HSM_TPM2_SIGN_H
#define HSM_TPM2_SIGN_H

#include "hsm/tpm2/key.h"

/* As keystore_sign(). */
ERR_MUST_USE enum ks_err tpm2_sign(struct tpm2_key *key,
                                   enum keystore_scheme scheme,
                                   const uint8_t *digest,
                                   struct keystore_signature *ret,
                                   struct err_cause *cause);

#endif
