/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attributes of a new key, made to be what was asked for.
 */
#ifndef HSM_PKCS11_PROTECT_H
#define HSM_PKCS11_PROTECT_H

#include "hsm/pkcs11/token.h"
#include "keystore/store/material.h"

/* Read back whether the private OBJECT is what was asked for, and set right
 * what is not.  KS_ERR_TOKEN_WEAK: it stays wrong. */
ERR_MUST_USE enum ks_err pkcs11_protect(struct pkcs11_token *token,
                                        CK_OBJECT_HANDLE object,
                                        enum material_type type,
                                        struct err_cause *cause);

#endif
