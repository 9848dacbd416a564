/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of a key in the directory of keys: ID.pem (hsm/tpm2/pem.h) or,
 * of one that the TPM keeps itself, ID.handle with its handle and Name; and
 * ID.auth, the authorisation value, unless that is the user's PIN.
 */
#ifndef HSM_TPM2_RECORD_H
#define HSM_TPM2_RECORD_H

#include "hsm/tpm2/key.h"

/* Read what is kept under KEY's id: everything but the object itself.
 * KS_ERR_KEY_MISSING: nothing; KS_ERR_PIN_NEEDED: the key wants the user's PIN
 * and the store was opened without. */
ERR_MUST_USE enum ks_err tpm2_record_read(struct tpm2_key *key,
                                          struct err_cause *cause);

/* Make a new authorisation value for KEY: the PIN, or 32 random bytes that are
 * written down at once. */
ERR_MUST_USE enum ks_err tpm2_record_new_auth(struct tpm2_key *key,
                                              struct err_cause *cause);

/* Write KEY down, durably: as ID.handle if it has a handle, else as ID.pem. */
ERR_MUST_USE enum ks_err tpm2_record_write(struct tpm2_key *key,
                                           const char *label,
                                           struct err_cause *cause);

/* Is there an ID.handle, whether it can be read or not? */
bool tpm2_record_has_handle(const struct tpm2_key *key);

/* Is what is written under its id still KEY? */
bool tpm2_record_is_current(const struct tpm2_key *key);

/* Remove ID.pem, left over when ID.handle took its place; none there is fine.
 */
ERR_MUST_USE enum ks_err tpm2_record_drop_pem(const struct tpm2_key *key,
                                              struct err_cause *cause);

/* Remove all that is kept under KEY's id, the authorisation value overwritten
 * first.  KS_ERR_KEY_MISSING: nothing was. */
ERR_MUST_USE enum ks_err tpm2_record_remove(const struct tpm2_key *key,
                                            struct err_cause *cause);

/* Remove what an attempt that was cut short left under the id of a key that is
 * not there. */
ERR_MUST_USE enum ks_err tpm2_record_clear(const struct tpm2_key *key,
                                           struct err_cause *cause);

#endif
