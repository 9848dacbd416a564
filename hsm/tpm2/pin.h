/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's PIN as the authorisation value of keys, and the TPM's lockout,
 * which counts the refused ones for everybody who uses it.
 */
#ifndef HSM_TPM2_PIN_H
#define HSM_TPM2_PIN_H

#include "hsm/tpm2/connection.h"
#include "keystore/base/secret.h"

/* May a value be tried that counts towards the lockout?  The TPM is asked each
 * time.  KS_ERR_PIN_LOCKED: it is locked, or one more refusal would lock it;
 * the cause says for how long. */
ERR_MUST_USE enum ks_err tpm2_pin_may_try(struct tpm2_connection *tpm,
                                          struct err_cause *cause);

/* Copy PIN to *RET, which the caller frees; without one, NULL, nothing is done.
 * KS_ERR_PIN_LOCKED before a value is tried that could lock the TPM. */
ERR_MUST_USE enum ks_err tpm2_pin_take(struct tpm2_connection *tpm,
                                       const struct secret *pin,
                                       struct secret **ret,
                                       struct err_cause *cause);

#endif
