/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mark of an attestation in the directory of keys: its attestation key is
 * in no file, so that a killed process would leave objects in an unshared TPM
 * that nobody knows to be ours.  The mark has that key's Name, and says that an
 * endorsement key may be loaded, too.
 */
#ifndef HSM_TPM2_MARK_H
#define HSM_TPM2_MARK_H

#include <tss2/tss2_tpm2_types.h>

#include "keystore/base/err.h"

/* Set it before the first of the objects is loaded, in place of an older one.
 */
ERR_MUST_USE enum ks_err tpm2_mark_set(int directory, const TPM2B_NAME *name,
                                       struct err_cause *cause);

/* The Name of the mark there; of size 0: there is none. */
void tpm2_mark_read(int directory, TPM2B_NAME *ret);

/* None there is fine. */
void tpm2_mark_remove(int directory);

#endif
