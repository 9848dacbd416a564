/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Primary keys of the owner's hierarchy that can be a storage root key: made by
 * the TPM from a template, or found at a handle.  Inside hsm/ only.
 */
#ifndef HSM_TPM2_PRIMARY_H
#define HSM_TPM2_PRIMARY_H

#include <tss2/tss2_esys.h>

#include "keystore/store/keystore.h"

/* A key and its public half. */
struct tpm2_primary {
    ESYS_TR object; /* ESYS_TR_NONE: there is none */
    TPM2B_PUBLIC public;
    TPM2B_NAME name;
};

/* The template of a key. */
enum tpm2_primary_kind {
    TPM2_PRIMARY_ECC,  /* the TCG's for a storage root key, P-256 */
    TPM2_PRIMARY_RSA,  /* the TCG's, RSA-2048 */
    TPM2_PRIMARY_FILE, /* P-256 with an empty unique field: what the readers of
                          a key file make where its parent is TPM_RH_OWNER */
    TPM2_PRIMARY__MAX
};

/* The object at HANDLE, its Name of the area by which ESYS will salt; none
 * there is no failure. */
TSS2_RC tpm2_primary_find(ESYS_CONTEXT *esys, TPM2_HANDLE handle,
                          struct tpm2_primary *ret);

/* Have the TPM make the key of KIND, into a slot.  The caller flushes it. */
TSS2_RC tpm2_primary_make(ESYS_CONTEXT *esys, enum tpm2_primary_kind kind,
                          struct tpm2_primary *ret);

/* Fill in the public area of STANDING, which was found: is it of one of the
 * templates?  *RET is TPM2_PRIMARY__MAX where not. */
TSS2_RC tpm2_primary_match(ESYS_CONTEXT *esys, struct tpm2_primary *standing,
                           enum tpm2_primary_kind *ret);

/* A Name's hash in digits, for people and the state. */
void tpm2_primary_serial(const TPM2B_NAME *name,
                         char ret[static KEYSTORE_SERIAL_SIZE]);

#endif
