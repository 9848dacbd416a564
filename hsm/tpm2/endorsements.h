/* SPDX-License-Identifier: Apache-2.0 */
/* A look at a TPM's endorsement keys, which writes nothing into the TPM and
 * leaves nothing loaded. */
#ifndef HSM_TPM2_ENDORSEMENTS_H
#define HSM_TPM2_ENDORSEMENTS_H

#include "keystore/store/evidence.h"

#define TPM2_ENDORSEMENTS_MAX 3

struct tpm2_endorsements {
    char maker[33];
    char model[17];
    char firmware[24];
    bool emulated;
    /* As in struct evidence_offer. */
    uint8_t chain[EVIDENCE_CHAIN_MAX];
    size_t chain_length;
    /* Those that the TPM has or can make, and which of them would be offered;
     * none: TPM2_ENDORSEMENTS_MAX. */
    struct evidence_endorsement key[TPM2_ENDORSEMENTS_MAX];
    size_t count;
    size_t offered;
};

/* Look at what URI names; the caller frees *RET with free().  Errors as of
 * opening it, and KS_ERR_TOKEN_UNSUPPORTED: it has no endorsement key that
 * could be used. */
ERR_MUST_USE enum ks_err tpm2_endorsements(const char *uri,
                                           struct tpm2_endorsements **ret,
                                           struct err_cause *cause);

#endif
