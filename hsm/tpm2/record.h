/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of a key in the directory of keys: ID.pem (hsm/tpm2/pem.h) or, of
 * one that the TPM keeps itself, ID.handle with its handle and Name.  A place
 * gives a record, and no key is known here.
 */
#ifndef HSM_TPM2_RECORD_H
#define HSM_TPM2_RECORD_H

#include <sys/stat.h>

#include <tss2/tss2_tpm2_types.h>

#include "hsm/tpm2/place.h"

struct tpm2_record {
    TPM2B_NAME name;
    TPM2B_PUBLIC public;   /* read from ID.pem alone */
    TPM2B_PRIVATE private; /* empty where the TPM itself keeps the key */
    TPM2_HANDLE handle;    /* where it does, else 0 */
    TPM2_HANDLE parent;    /* of a key in ID.pem */
    bool empty_auth;       /* by ID.pem's word */
    struct stat file;      /* as it was read, or made */
};

/* Read what is kept at PLACE.  KS_ERR_KEY_MISSING: nothing;
 * KS_ERR_TOKEN_FAILED: it is none of these files. */
ERR_MUST_USE enum ks_err tpm2_record_read(const struct tpm2_place *place,
                                          struct tpm2_record *ret,
                                          struct err_cause *cause);

/* Write RECORD down, durably: as ID.handle if it has a handle, else as ID.pem
 * with LABEL. */
ERR_MUST_USE enum ks_err tpm2_record_write(const struct tpm2_place *place,
                                           struct tpm2_record *record,
                                           const char *label,
                                           struct err_cause *cause);

/* Is the file at PLACE still RECORD's? */
bool tpm2_record_is_current(const struct tpm2_place *place,
                            const struct tpm2_record *record);

/* Remove ID.pem, left over when ID.handle took its place; none there is fine.
 */
ERR_MUST_USE enum ks_err tpm2_record_drop_pem(const struct tpm2_place *place,
                                              struct err_cause *cause);

/* Remove all that is kept at PLACE, the authorisation value overwritten first.
 * KS_ERR_KEY_MISSING: nothing was. */
ERR_MUST_USE enum ks_err tpm2_record_remove(const struct tpm2_place *place,
                                            struct err_cause *cause);

/* Remove what an attempt that was cut short left where no key is. */
ERR_MUST_USE enum ks_err tpm2_record_clear(const struct tpm2_place *place,
                                           struct err_cause *cause);

#endif
