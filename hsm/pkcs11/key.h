/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of a token: what hsm/pkcs11/pkcs11.c's table is made of.  The contracts
 * are in keystore/store/keystore.h; here stands only what they do not say.
 */
#ifndef HSM_PKCS11_KEY_H
#define HSM_PKCS11_KEY_H

#include "hsm/pkcs11/template.h"

/* What is made where RSA is asked for. */
#define PKCS11_BORN_RSA_BITS 2048

struct pkcs11_key {
    struct keystore_key key; /* first: the dispatcher's part */
    CK_OBJECT_HANDLE object;
    enum material_type type;
    bool proved; /* its signature was verified when it was found */
    /* What it said of itself, and during which entry into the back end. */
    struct keystore_key_info info;
    unsigned long read_at;
};

/* The one private object under ID.  KS_ERR_KEY_MISSING only where the token
 * would show it: unseen objects of a login that is gone are not missing. */
ERR_MUST_USE enum ks_err pkcs11_key_object(struct pkcs11_token *token,
                                           const uint8_t *id,
                                           CK_OBJECT_HANDLE *ret,
                                           struct err_cause *cause);

/* With PUBLIC, a key whose public half the token does not know is proved to
 * be the right one by a signature. */
ERR_MUST_USE enum ks_err pkcs11_key_find(struct pkcs11_token *token,
                                         const uint8_t *id, EVP_PKEY *public,
                                         struct pkcs11_key **ret,
                                         struct err_cause *cause);
void pkcs11_key_free(struct pkcs11_key **key);

/* Hold KEY, whose object is found, against PUBLIC in one call: takes it as the
 * key's public half, after a signature where the token does not know that half.
 * KS_ERR_KEY_OTHER: it is another's.  KS_OK and no public half: the token must
 * be asked in smaller pieces. */
ERR_MUST_USE enum ks_err pkcs11_key_compare(struct pkcs11_key *key,
                                            EVP_PKEY *public,
                                            struct err_cause *cause);

/* PUBLIC becomes KEY's public half: at once where it is KNOWN to be, else once
 * a signature has shown it. */
ERR_MUST_USE enum ks_err pkcs11_key_take(struct pkcs11_key *key,
                                         EVP_PKEY *public, bool known,
                                         struct err_cause *cause);

/* The refusal of a key that wants the PIN for each signature. */
ERR_MUST_USE enum ks_err pkcs11_key_wants_pin(struct err_cause *cause);

ERR_MUST_USE enum ks_err pkcs11_key_describe(struct pkcs11_key *key,
                                             struct keystore_key_info *ret,
                                             struct err_cause *cause);

/* Read back whether the private OBJECT is what was asked for, and set right in
 * SESSION what is not.  KS_ERR_TOKEN_WEAK: it stays wrong. */
ERR_MUST_USE enum ks_err pkcs11_protect(struct pkcs11_token *token,
                                        CK_SESSION_HANDLE session,
                                        CK_OBJECT_HANDLE object,
                                        enum material_type type,
                                        struct err_cause *cause);

/* What the objects of a new key must pass before they count: protection, being
 * found again by their id, and a test signature.  PUBLIC, or NULL for a key
 * born here, is what must verify it. */
ERR_MUST_USE enum ks_err
pkcs11_accept(struct pkcs11_token *token, CK_SESSION_HANDLE session,
              CK_OBJECT_HANDLE object, const struct pkcs11_name *name,
              EVP_PKEY *public, struct pkcs11_key **ret,
              struct err_cause *cause);

/* The two objects of one key; CK_INVALID_HANDLE, which is 0: not made. */
struct pkcs11_objects {
    CK_OBJECT_HANDLE private;
    CK_OBJECT_HANDLE public;
    bool wrapped; /* the private one came in wrapped */
};

/* Destroy what was MADE and then failed with ERR; and, unless ID is NULL, all
 * that stands under ID, which no key had before: tokens make half a key and
 * call it an error.  Returns ERR, or KS_ERR_TOKEN_FAILED where something stays
 * behind; the cause says both. */
ERR_MUST_USE enum ks_err pkcs11_discard(struct pkcs11_token *token,
                                        CK_SESSION_HANDLE session,
                                        const struct pkcs11_objects *made,
                                        const uint8_t *id, enum ks_err err,
                                        struct err_cause *cause);

ERR_MUST_USE enum ks_err
pkcs11_import(struct pkcs11_token *token, const struct pkcs11_name *name,
              const struct material *material, EVP_PKEY *public,
              struct pkcs11_key **ret, struct err_cause *cause);

ERR_MUST_USE enum ks_err pkcs11_generate(struct pkcs11_token *token,
                                         const struct pkcs11_name *name,
                                         struct pkcs11_key **ret,
                                         struct err_cause *cause);

ERR_MUST_USE enum ks_err pkcs11_sign(struct pkcs11_key *key,
                                     enum keystore_scheme scheme,
                                     const uint8_t *digest, uint8_t *signature,
                                     size_t *length, struct err_cause *cause);

#endif
