/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorisation value of a key: 32 random bytes that lie in ID.auth, or the
 * user's PIN, which is nowhere written down.  In the secure heap from its
 * making or reading on.
 */
#ifndef HSM_TPM2_AUTH_H
#define HSM_TPM2_AUTH_H

#include "hsm/tpm2/place.h"
#include "keystore/base/secret.h"

struct tpm2_auth {
    struct secret *value; /* owned */
    bool is_pin;
};

/* The value of the key at PLACE.  Where no file has it, it is EMPTY by the
 * key's own word, or PIN; KS_ERR_PIN_NEEDED: PIN is NULL. */
ERR_MUST_USE enum ks_err tpm2_auth_read(const struct tpm2_place *place,
                                        bool empty, const struct secret *pin,
                                        struct tpm2_auth *ret,
                                        struct err_cause *cause);

/* A value for a new key at PLACE: PIN, or random bytes where that is NULL, and
 * those are written down at once. */
ERR_MUST_USE enum ks_err tpm2_auth_new(const struct tpm2_place *place,
                                       const struct secret *pin,
                                       struct tpm2_auth *ret,
                                       struct err_cause *cause);

#endif
