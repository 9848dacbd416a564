/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private key as any writer encodes it, brought into the one form that
 * material_parse() reads.  Only pfx_walk.c includes this.
 */
#ifndef KEYSTORE_CREDENTIAL_PFX_KEY_H
#define KEYSTORE_CREDENTIAL_PFX_KEY_H

#include "keystore/base/secret.h"

/* Read a PrivateKeyInfo or OneAsymmetricKey (RFC 5208, RFC 5958) in BER, its
 * curve named or by its numbers, and write it anew in DER: RSA with NULL for
 * parameters, EC with the curve's name, no attributes.  The caller frees *RET.
 * KS_ERR_CRED_FORMAT: no such structure; KS_ERR_CRED_WEAK: neither RSA of two
 * primes nor P-256 nor P-384, or larger than any key that is taken. */
ERR_MUST_USE enum ks_err pfx_key_read(const uint8_t *ber, size_t length,
                                      struct secret **ret,
                                      struct err_cause *cause);

#endif
