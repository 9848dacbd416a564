/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The storage root key: the parent of all our keys, and what sessions are
 * salted with.  Whoever planted another key in its place could read all that,
 * so the TPM must make its primary key again at every opening.  What stands at
 * the handle is used where it is the same; else the one made just now is, and
 * stays in a slot until the store is closed.
 */
#ifndef HSM_TPM2_SRK_H
#define HSM_TPM2_SRK_H

#include "hsm/tpm2/store.h"

/* Where it is persistent, unless the URI says otherwise (TCG Provisioning
 * Guidance, 7.8). */
#define TPM2_SRK_HANDLE 0x81000001u

/* Find STORE's storage root key, or make it (ECC P-256) and keep it there.
 * Where the URI says nothing and another's key stands there, or where it says
 * so, the key is made at each opening and nowhere persistent.
 * SERIAL, or NULL, is the hash of its Name as recorded: another one is
 * KS_ERR_TOKEN_OTHER, for then the TPM was cleared or replaced.
 * KS_ERR_TPM_SRK: what stands at the handle of the URI, or of the record, is
 * not the TPM's own; KS_ERR_TPM_OWNER: there is none, or another's, and the
 * owner's password forbids making one.  With that password set an existing one
 * of the standard template is used, but the store's info says so. */
ERR_MUST_USE enum ks_err tpm2_srk_open(struct tpm2_store *store,
                                       const char *serial,
                                       struct err_cause *cause);

/* What opening would use, without making anything. */
enum tpm2_srk_standing {
    TPM2_SRK_NONE,      /* nothing stands there */
    TPM2_SRK_STANDARD,  /* by its public area */
    TPM2_SRK_FOREIGN,   /* another's */
    TPM2_SRK_TRANSIENT, /* none is looked for */
};

/* What stands at STORE's handle, and its serial, unchecked; "" where that is
 * none or another's. */
ERR_MUST_USE enum ks_err tpm2_srk_look(struct tpm2_store *store,
                                       enum tpm2_srk_standing *ret,
                                       char serial[static KEYSTORE_SERIAL_SIZE],
                                       struct err_cause *cause);

#endif
