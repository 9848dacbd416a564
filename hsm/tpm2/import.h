/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object of a key from outside, made under the storage root key: KEY, which
 * is new, gets its areas, its Name and an authorisation value.  Nothing is
 * loaded, and what is written down is the caller's to remove after a failure.
 */
#ifndef HSM_TPM2_IMPORT_H
#define HSM_TPM2_IMPORT_H

#include "hsm/tpm2/key.h"

/* MATERIAL, the private half of PUBLIC.  KS_ERR_TOKEN_UNSUPPORTED: the TPM
 * takes no such key, and saw nothing of it. */
ERR_MUST_USE enum ks_err tpm2_import(struct tpm2_key *key,
                                     const struct material *material,
                                     EVP_PKEY *public, struct err_cause *cause);

#endif
