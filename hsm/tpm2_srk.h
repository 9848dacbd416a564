/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The storage root key: the parent of all our keys, and what sessions are
 * salted with.  Whoever planted another key in its place could read all that,
 * so the TPM must make the standard primary key again, and it must be the same.
 */
#ifndef HSM_TPM2_SRK_H
#define HSM_TPM2_SRK_H

#include "hsm/tpm2_store.h"

/* Where it is persistent (TCG Provisioning Guidance, 7.8). */
#define TPM2_SRK_HANDLE 0x81000001u

/* Find STORE's storage root key, or make it (ECC P-256) and keep it there.
 * SERIAL, or NULL, is the hash of its Name as recorded: another one is
 * KS_ERR_TOKEN_OTHER, for then the TPM was cleared or replaced.
 * KS_ERR_TPM_SRK: what stands there is not the TPM's own; KS_ERR_TPM_OWNER:
 * there is none, and the owner's password forbids making one.  With that
 * password set an existing one of the standard template is used, but the
 * store's info says so; another is KS_ERR_TPM_SRK, too. */
ERR_MUST_USE enum ks_err tpm2_srk_open(struct tpm2_store *store,
                                       const char *serial,
                                       struct err_cause *cause);

/* The serial of what stands at the handle, unchecked, or "". */
ERR_MUST_USE enum ks_err tpm2_srk_look(struct tpm2_store *store,
                                       char ret[static KEYSTORE_SERIAL_SIZE],
                                       struct err_cause *cause);

#endif
