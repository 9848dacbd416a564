/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates in a TPM's NV storage, put there by its maker (TCG EK Credential
 * Profile, 2.2.1).  Nothing is ever written. */
#ifndef HSM_TPM2_NV_H
#define HSM_TPM2_NV_H

#include <stddef.h>

#include "hsm/tpm2/connection.h"

#define TPM2_NV_LIST_MAX 32

/* Which of the indices of certificates a TPM has, in their order. */
struct tpm2_nv_list {
    TPM2_HANDLE index[TPM2_NV_LIST_MAX];
    size_t count;
};

/* Those of endorsement keys' certificates and of what stands behind them. */
ERR_MUST_USE enum ks_err tpm2_nv_list(struct tpm2_connection *tpm,
                                      struct tpm2_nv_list *ret,
                                      struct err_cause *cause);

bool tpm2_nv_has(const struct tpm2_nv_list *list, TPM2_HANDLE index);

/* Where certificates are read to: room for CAPACITY bytes, and how many came.
 */
struct tpm2_nv_room {
    uint8_t *bytes;
    size_t capacity;
    size_t *length;
};

/* Read all of INDEX; of one that was defined and never written the length is 0.
 * KS_ERR_TOKEN_UNSUPPORTED: it is larger, or the TPM lets nobody without a
 * password read it. */
ERR_MUST_USE enum ks_err tpm2_nv_read(struct tpm2_connection *tpm,
                                      TPM2_HANDLE index,
                                      const struct tpm2_nv_room *ret,
                                      struct err_cause *cause);

/* The certificates that stand behind that of an endorsement key, of all indices
 * of LIST, one behind the other, without what fills an index up. */
ERR_MUST_USE enum ks_err tpm2_nv_read_chain(struct tpm2_connection *tpm,
                                            const struct tpm2_nv_list *list,
                                            const struct tpm2_nv_room *ret,
                                            struct err_cause *cause);

#endif
