/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key from outside (keystore_import()).
 */
#ifndef HSM_PKCS11_IMPORT_H
#define HSM_PKCS11_IMPORT_H

#include "hsm/pkcs11/key.h"
#include "keystore/store/backend.h"

ERR_MUST_USE enum ks_err pkcs11_import(struct pkcs11_token *token,
                                       const struct keystore_new_key *wanted,
                                       struct pkcs11_key **ret,
                                       struct err_cause *cause);

#endif
