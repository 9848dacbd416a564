/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of a TPM: what hsm/tpm2/tpm2.c's table is made of.  The contracts are in
 * keystore/store/keystore.h; here stands only what they do not say.
 */
#ifndef HSM_TPM2_KEY_H
#define HSM_TPM2_KEY_H

#include <sys/stat.h>

#include "hsm/tpm2/store.h"

struct tpm2_key {
    struct keystore_key key; /* first: the dispatcher's part */
    char id[2 * KEYSTORE_ID_LENGTH + 1];
    enum material_type type;
    TPM2B_PUBLIC public;
    TPM2B_NAME name;
    TPM2B_PRIVATE private; /* empty where the TPM itself keeps the key */
    TPM2_HANDLE handle;    /* where it does, else 0 */
    struct secret *auth;
    bool auth_is_pin;
    struct stat record; /* the file as it was read, or made */
    ESYS_TR object;     /* in the TPM's slot, or ESYS_TR_NONE */
};

static inline struct tpm2_store *
tpm2_key_store(const struct tpm2_key *key)
{
    return (struct tpm2_store *)(void *)key->key.ks;
}

ERR_MUST_USE enum ks_err tpm2_key_new(struct tpm2_store *store,
                                      const uint8_t *id, struct tpm2_key **ret,
                                      struct err_cause *cause);
void tpm2_key_free(struct tpm2_key **key);

ERR_MUST_USE enum ks_err tpm2_key_find(struct tpm2_store *store,
                                       const uint8_t *id, struct tpm2_key **ret,
                                       struct err_cause *cause);

/* Have the key in a slot of the TPM, in place of one used less if need be.  The
 * TPM has then checked the wrapping and the public area. */
ERR_MUST_USE enum ks_err tpm2_key_load(struct tpm2_key *key,
                                       struct err_cause *cause);

/* Give the slot back.  Not loaded is fine. */
void tpm2_key_unload(struct tpm2_key *key);

ERR_MUST_USE enum ks_err tpm2_key_describe(struct tpm2_key *key,
                                           struct keystore_key_info *ret,
                                           struct err_cause *cause);

ERR_MUST_USE enum ks_err tpm2_key_remove(struct tpm2_store *store,
                                         const uint8_t *id,
                                         struct err_cause *cause);

/* Take back a key whose making failed with RC: its slot and its files.  Returns
 * RC; the cause says so where something stays behind. */
enum ks_err tpm2_key_discard(struct tpm2_key *key, enum ks_err rc,
                             struct err_cause *cause);

/* What a new key must pass before it counts: it is recorded, loads, is what was
 * asked for and signs; then it moves into the TPM where the URI wants that.  On
 * failure nothing of it is left. */
ERR_MUST_USE enum ks_err tpm2_key_accept(struct tpm2_key *key,
                                         const char *label,
                                         struct err_cause *cause);

ERR_MUST_USE enum ks_err tpm2_import(struct tpm2_store *store,
                                     const uint8_t *id, const char *label,
                                     const struct material *material,
                                     EVP_PKEY *public, struct tpm2_key **ret,
                                     struct err_cause *cause);

ERR_MUST_USE enum ks_err tpm2_generate(struct tpm2_store *store,
                                       const uint8_t *id, const char *label,
                                       enum material_type type,
                                       struct tpm2_key **ret,
                                       struct err_cause *cause);

ERR_MUST_USE enum ks_err tpm2_sign(struct tpm2_key *key,
                                   enum keystore_scheme scheme,
                                   const uint8_t *digest, uint8_t *signature,
                                   size_t *length, struct err_cause *cause);

#endif
