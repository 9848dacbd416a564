/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a key by its id (keystore_find()).
 */
#ifndef HSM_PKCS11_FIND_H
#define HSM_PKCS11_FIND_H

#include "hsm/pkcs11/key.h"

/* The one private object under ID.  KS_ERR_KEY_MISSING only where the token
 * would show it: unseen objects of a login that is gone are not missing. */
ERR_MUST_USE enum ks_err pkcs11_find_private(struct pkcs11_token *token,
                                             const uint8_t *id,
                                             CK_OBJECT_HANDLE *ret,
                                             struct err_cause *cause);

/* With PUBLIC, a key whose public half the token does not know is proved to
 * be the right one by a signature. */
ERR_MUST_USE enum ks_err pkcs11_find_key(struct pkcs11_token *token,
                                         const uint8_t *id, EVP_PKEY *public,
                                         struct pkcs11_key **ret,
                                         struct err_cause *cause);

#endif
