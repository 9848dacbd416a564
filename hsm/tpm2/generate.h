/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object of a key born in the TPM; what KEY gets is as in hsm/tpm2/import.h.
 */
#ifndef HSM_TPM2_GENERATE_H
#define HSM_TPM2_GENERATE_H

#include "hsm/tpm2/key.h"

/* Born in the TPM, of TYPE.  KS_ERR_TOKEN_WEAK: it made another kind of key. */
ERR_MUST_USE enum ks_err tpm2_generate(struct tpm2_key *key,
                                       enum material_type type,
                                       struct err_cause *cause);

#endif
