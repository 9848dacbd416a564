/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM's part of keystore/store/evidence.h, where the contracts are. */
#ifndef HSM_TPM2_EVIDENCE_H
#define HSM_TPM2_EVIDENCE_H

#include "hsm/tpm2/store.h"
#include "keystore/store/evidence.h"

ERR_MUST_USE enum ks_err tpm2_evidence_offer(struct tpm2_store *store,
                                             struct evidence_offer *ret,
                                             struct err_cause *cause);

ERR_MUST_USE enum ks_err
tpm2_evidence_give(struct tpm2_store *store,
                   const struct evidence_question *question,
                   struct evidence *ret, struct err_cause *cause);

#endif
