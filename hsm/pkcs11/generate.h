/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key born on the token (keystore_generate()).
 */
#ifndef HSM_PKCS11_GENERATE_H
#define HSM_PKCS11_GENERATE_H

#include "hsm/pkcs11/key.h"
#include "keystore/store/backend.h"

ERR_MUST_USE enum ks_err pkcs11_generate(struct pkcs11_token *token,
                                         const struct keystore_new_key *wanted,
                                         struct pkcs11_key **ret,
                                         struct err_cause *cause);

#endif
