/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store's word is not enough: a key is what its signatures say.
 */
#ifndef KEYSTORE_STORE_PROVE_H
#define KEYSTORE_STORE_PROVE_H

#include "keystore/store/keystore.h"

/* Have KEY sign a random digest and verify that here with its public half.
 * KS_ERR_KEY_OTHER: the signature is another key's.  KS_ERR_TOKEN_UNSUPPORTED:
 * the store has not the scheme of scheme_of_key(), without which there is
 * no TLS 1.3, or it is RSA-PSS with a salt that TLS 1.3 refuses. */
ERR_MUST_USE enum ks_err prove_key(struct keystore_key *key,
                                   struct err_cause *cause);

/* The same with SCHEME. */
ERR_MUST_USE enum ks_err prove_scheme(struct keystore_key *key,
                                      enum keystore_scheme scheme,
                                      struct err_cause *cause);

#endif
