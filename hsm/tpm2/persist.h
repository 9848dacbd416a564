/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that the TPM keeps itself, at a handle of its owner's.  No copy of such
 * a key is in a file, so evicting it destroys it.
 */
#ifndef HSM_TPM2_PERSIST_H
#define HSM_TPM2_PERSIST_H

#include "hsm/tpm2/connection.h"
#include "hsm/tpm2/record.h"

/* The first free handle from the URI's on.  KS_ERR_TOKEN_FULL: there is none.
 */
ERR_MUST_USE enum ks_err tpm2_persist_choose(struct tpm2_connection *tpm,
                                             TPM2_HANDLE *ret,
                                             struct err_cause *cause);

/* Have the TPM keep OBJECT, which stays loaded, at HANDLE, too.
 * KS_ERR_TPM_OWNER: the owner's password is set; KS_ERR_TOKEN_FULL: no room.
 * After another failure it may be there all the same. */
ERR_MUST_USE enum ks_err tpm2_persist_keep(struct tpm2_connection *tpm,
                                           ESYS_TR object, TPM2_HANDLE handle,
                                           struct err_cause *cause);

/* Find the object of RECORD, by its handle and Name, and fill in its public
 * area.  KS_ERR_KEY_MISSING: nothing stands there; KS_ERR_KEY_OTHER: something
 * else does.  *RET is set also where the area could not be read or is another;
 * the caller closes it. */
ERR_MUST_USE enum ks_err tpm2_persist_open(struct tpm2_connection *tpm,
                                           struct tpm2_record *record,
                                           ESYS_TR *ret,
                                           struct err_cause *cause);

/* Destroy RECORD's object in the TPM, if it is there. */
ERR_MUST_USE enum ks_err tpm2_persist_evict(struct tpm2_connection *tpm,
                                            const struct tpm2_record *record,
                                            struct err_cause *cause);

#endif
