/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The software emulation's signatures.
 */
#ifndef KEYSTORE_STORE_SOFT_SIGN_H
#define KEYSTORE_STORE_SOFT_SIGN_H

#include "keystore/store/keystore.h"

/* As keystore_sign(), with the private KEY at hand; SCHEME fits it. */
ERR_MUST_USE enum ks_err soft_sign(EVP_PKEY *key, enum keystore_scheme scheme,
                                   const uint8_t *digest,
                                   struct keystore_signature *ret,
                                   struct err_cause *cause);

#endif
