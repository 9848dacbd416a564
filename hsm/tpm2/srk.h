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

#include "hsm/tpm2/connection.h"
#include "keystore/store/keystore.h"

/* The handle where it is persistent, unless the URI says otherwise (TCG
 * Provisioning Guidance, 7.8). */
#define TPM2_SRK_HANDLE 0x81000001u

struct tpm2_srk {
    ESYS_TR object;     /* ESYS_TR_NONE: it is not open */
    TPM2_HANDLE parent; /* as key files name it */
    bool transient;     /* in a slot of ours, which the caller flushes */
    bool unverified;    /* the owner's password is set, and it was believed */
    TPM2B_PUBLIC public;
    TPM2B_NAME name;
};

/* Find TPM's storage root key, or make it (ECC P-256) and keep it there.
 * Where the URI says nothing and another's key stands there, or where it says
 * so, the key is made at each opening and nowhere persistent.
 * SERIAL, or NULL, is the hash of its Name as recorded: another one is
 * KS_ERR_TOKEN_OTHER, for then the TPM was cleared or replaced.
 * KS_ERR_TPM_SRK: what stands at the handle of the URI, or of the record, is
 * not the TPM's own; KS_ERR_TPM_OWNER: there is none, or another's, and the
 * owner's password forbids making one.  With that password set an existing one
 * of the standard template is used, unverified.  *RET is written by success
 * alone. */
ERR_MUST_USE enum ks_err tpm2_srk_open(struct tpm2_connection *tpm,
                                       const char *serial, struct tpm2_srk *ret,
                                       struct err_cause *cause);

/* As tpm2_connection_fail() for a command that the storage root key authorises:
 * its empty password refused is KS_ERR_TPM_SRK, for nobody gave it a PIN. */
enum ks_err tpm2_srk_fail(struct tpm2_connection *tpm, struct err_cause *cause,
                          TSS2_RC rc, const char *call);

/* The key that opening would use, without making anything. */
enum tpm2_srk_standing {
    TPM2_SRK_NONE,      /* nothing stands there */
    TPM2_SRK_STANDARD,  /* by its public area */
    TPM2_SRK_FOREIGN,   /* another's */
    TPM2_SRK_TRANSIENT, /* none is looked for */
};

/* How TPM's handle is taken, and the serial of the key there, unchecked; ""
 * where that is none or another's. */
ERR_MUST_USE enum ks_err tpm2_srk_look(struct tpm2_connection *tpm,
                                       enum tpm2_srk_standing *ret,
                                       char serial[static KEYSTORE_SERIAL_SIZE],
                                       struct err_cause *cause);

/* Whether the root key that TPM makes is the recorded one. */
enum tpm2_srk_sameness {
    TPM2_SRK_UNCOMPARED, /* nothing is recorded, or the owner's password forbids
                            that it is made */
    TPM2_SRK_SAME,
    TPM2_SRK_OTHER, /* the TPM was cleared or replaced */
};

/* Compare it by SERIAL, the hash of its Name as recorded, or "".  What stands
 * at the handle is believed where it is that key; else the TPM makes the key
 * again in a slot, and nothing in it is changed. */
ERR_MUST_USE enum ks_err tpm2_srk_compare(struct tpm2_connection *tpm,
                                          const char *serial,
                                          enum tpm2_srk_sameness *ret,
                                          struct err_cause *cause);

#endif
