/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key's description of itself, and whether that is what it should be
 * (keystore_describe()).
 */
#ifndef HSM_PKCS11_ATTRIBUTES_H
#define HSM_PKCS11_ATTRIBUTES_H

#include "hsm/pkcs11/key.h"

/* Hold KEY, whose object is found, against PUBLIC in one call: takes it as the
 * key's public half, after a signature where the token does not know that half.
 * KS_ERR_KEY_OTHER: it is another's.  KS_OK and no public half: the token must
 * be asked in smaller pieces. */
ERR_MUST_USE enum ks_err pkcs11_attributes_compare(struct pkcs11_key *key,
                                                   EVP_PKEY *public,
                                                   struct err_cause *cause);

ERR_MUST_USE enum ks_err
pkcs11_attributes_describe(struct pkcs11_key *key,
                           struct keystore_key_info *ret,
                           struct err_cause *cause);

#endif
