/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New keys, from outside or born in the TPM.  Such a key counts once it is
 * recorded, loads, is the one asked for and signs; then it moves into the TPM
 * where the URI wants that.  On failure nothing of it is left.
 */
#ifndef HSM_TPM2_CREATE_H
#define HSM_TPM2_CREATE_H

#include "hsm/tpm2/key.h"
#include "keystore/store/backend.h"

/* As keystore_import() or, without material, keystore_generate(). */
ERR_MUST_USE enum ks_err tpm2_create(struct tpm2_store *store,
                                     const struct keystore_new_key *wanted,
                                     struct tpm2_key **ret,
                                     struct err_cause *cause);

#endif
