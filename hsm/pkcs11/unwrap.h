/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way in for tokens that take no key in the clear, as validated HSMs do
 * not: the key arrives wrapped under one that the token made for it.
 */
#ifndef HSM_PKCS11_UNWRAP_H
#define HSM_PKCS11_UNWRAP_H

#include "keystore/store/backend.h"
#include "hsm/pkcs11/token.h"

/* Does RV, C_CreateObject's answer to a private key, mean that this token may
 * take it wrapped? */
bool pkcs11_unwrap_may_help(CK_RV rv);

/* Make WANTED a private object: an RSA pair is born in the token for the
 * session that writes, an AES key of this process goes in under it (RSA-OAEP),
 * and the PKCS#8 structure under that (AES-KWP, RFC 5649); in one step where
 * the token knows CKM_RSA_AES_KEY_WRAP (PKCS#11 v3.0, 2.1.21).  What it takes
 * to get there is destroyed again.  KS_ERR_TOKEN_UNSUPPORTED: the token knows
 * none of these ways. */
ERR_MUST_USE enum ks_err pkcs11_unwrap(struct pkcs11_token *token,
                                       const struct keystore_new_key *wanted,
                                       CK_OBJECT_HANDLE *ret,
                                       struct err_cause *cause);

#endif
