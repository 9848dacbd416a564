/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store's word is not enough: a key is what its signatures say.
 */
#ifndef KEYSTORE_PROVE_H
#define KEYSTORE_PROVE_H

#include "keystore/keystore.h"

/* Have KEY sign a random digest and verify that here with its public half.
 * KS_ERR_KEY_OTHER: the signature is another key's; KS_ERR_TOKEN_UNSUPPORTED:
 * it is RSA-PSS with a salt that TLS 1.3 refuses. */
ERR_MUST_USE enum ks_err prove_key(struct keystore_key *key,
                                   struct err_cause *cause);

#endif
