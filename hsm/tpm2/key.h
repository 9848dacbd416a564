/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key of a TPM, found by its id and loaded when it is wanted.  The contracts
 * are in keystore/store/keystore.h; here stands only what they do not say.
 */
#ifndef HSM_TPM2_KEY_H
#define HSM_TPM2_KEY_H

#include "hsm/tpm2/auth.h"
#include "hsm/tpm2/record.h"
#include "hsm/tpm2/store.h"

struct tpm2_key {
    struct keystore_key key; /* first: the dispatcher's part */
    struct tpm2_place place;
    struct tpm2_record record;
    enum material_type type;
    struct tpm2_auth auth;
    struct tpm2_slot slot;
};

static inline struct tpm2_store *
tpm2_key_store(const struct tpm2_key *key)
{
    return (struct tpm2_store *)(void *)key->key.ks;
}

/* A key of ID with nothing behind it yet. */
ERR_MUST_USE enum ks_err tpm2_key_new(struct tpm2_store *store,
                                      const uint8_t *id, struct tpm2_key **ret,
                                      struct err_cause *cause);
void tpm2_key_free(struct tpm2_key **key);

/* KS_ERR_PIN_NEEDED: the key wants the user's PIN and the store was opened
 * without. */
ERR_MUST_USE enum ks_err tpm2_key_find(struct tpm2_store *store,
                                       const uint8_t *id, struct tpm2_key **ret,
                                       struct err_cause *cause);

/* Have the key in a slot of the TPM, in place of one used less if need be.  The
 * TPM has then checked the wrapping and the public area. */
ERR_MUST_USE enum ks_err tpm2_key_load(struct tpm2_key *key,
                                       struct err_cause *cause);

/* Give the slot back.  Not loaded is fine. */
void tpm2_key_unload(struct tpm2_key *key);

/* The error of a key whose authorisation value the TPM has refused. */
enum ks_err tpm2_key_refused(const struct tpm2_key *key,
                             struct err_cause *cause);

ERR_MUST_USE enum ks_err tpm2_key_describe(struct tpm2_key *key,
                                           struct keystore_key_info *ret,
                                           struct err_cause *cause);

ERR_MUST_USE enum ks_err tpm2_key_remove(struct tpm2_store *store,
                                         const uint8_t *id,
                                         struct err_cause *cause);

#endif
