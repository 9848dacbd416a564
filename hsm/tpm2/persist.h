/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that the TPM keeps itself, at a handle of its owner's.  No copy of such
 * a key is in a file, so evicting it destroys it.
 */
#ifndef HSM_TPM2_PERSIST_H
#define HSM_TPM2_PERSIST_H

#include "hsm/tpm2/key.h"

/* Move KEY, loaded and written down as a file, to the first free handle from
 * the URI's on, and write that down in place of the file.  KS_ERR_TPM_OWNER:
 * the owner's password is set; KS_ERR_TOKEN_FULL: no handle or no room.  After
 * a failure KEY has a handle only if the TPM may still keep it there. */
ERR_MUST_USE enum ks_err tpm2_persist(struct tpm2_key *key,
                                      struct err_cause *cause);

/* Take KEY, of which handle and Name are known, for use: its public area is
 * filled in.  KS_ERR_KEY_MISSING: nothing stands there; KS_ERR_KEY_OTHER:
 * something else does. */
ERR_MUST_USE enum ks_err tpm2_persist_open(struct tpm2_key *key,
                                           struct err_cause *cause);

/* Destroy it in the TPM, if it is there and the one that was written down. */
ERR_MUST_USE enum ks_err tpm2_persist_evict(struct tpm2_key *key,
                                            struct err_cause *cause);

#endif
