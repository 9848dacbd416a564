/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of a key (keystore_sign()).
 */
#ifndef HSM_PKCS11_SIGN_H
#define HSM_PKCS11_SIGN_H

#include "hsm/pkcs11/key.h"

ERR_MUST_USE enum ks_err pkcs11_sign(struct pkcs11_key *key,
                                     enum keystore_scheme scheme,
                                     const uint8_t *digest,
                                     struct keystore_signature *ret,
                                     struct err_cause *cause);

#endif
