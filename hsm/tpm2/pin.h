/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's PIN as the authorisation value of keys.  A TPM has no login, so a
 * PIN is held against a key that it should open, once, when the store is
 * opened: later it would be refused in the midst of something.
 */
#ifndef HSM_TPM2_PIN_H
#define HSM_TPM2_PIN_H

#include "hsm/tpm2/store.h"

/* May a value be tried that counts towards the lockout?  The TPM is asked each
 * time.  KS_ERR_PIN_LOCKED: it is locked, or one more refusal would lock it;
 * the cause says for how long. */
ERR_MUST_USE enum ks_err tpm2_pin_may_try(struct tpm2_store *store,
                                          struct err_cause *cause);

/* Keep PIN, or NULL, for STORE.  KS_ERR_PIN_LOCKED before a value is tried that
 * could lock the TPM. */
ERR_MUST_USE enum ks_err tpm2_pin_take(struct tpm2_store *store,
                                       const struct secret *pin,
                                       struct err_cause *cause);

/* Have one key that wants the PIN sign with it, if there is one.
 * KS_ERR_PIN_WRONG: the TPM refused it. */
ERR_MUST_USE enum ks_err tpm2_pin_check(struct tpm2_store *store,
                                        struct err_cause *cause);

#endif
