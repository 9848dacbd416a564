/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of a token: what hsm/pkcs11.c's table is made of.  The contracts are in
 * keystore/keystore.h; here stands only what they do not say.
 */
#ifndef HSM_PKCS11_KEY_H
#define HSM_PKCS11_KEY_H

#include "hsm/pkcs11_template.h"

struct pkcs11_key {
    struct keystore_key key; /* first: the dispatcher's part */
    CK_OBJECT_HANDLE object;
    enum material_type type;
};

/* With PUBLIC, a key whose public half the token does not know is proved to
 * be the right one by a signature. */
ERR_MUST_USE enum ks_err pkcs11_key_find(struct pkcs11_token *token,
                                         const uint8_t *id, EVP_PKEY *public,
                                         struct pkcs11_key **ret,
                                         struct err_cause *cause);
void pkcs11_key_free(struct pkcs11_key **key);

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
