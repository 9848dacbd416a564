/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA keys for vaults and samples, of which the tests want a thousand.
 * OpenSSL 3.0's own generator takes more than twice as long.
 */
#ifndef VAULT_RSA_KEY_H
#define VAULT_RSA_KEY_H

#include <openssl/types.h>

/* A new key of two random primes and the exponent 65537 (RFC 8017, 3.2), with
 * a modulus of exactly BITS, an even number.  NULL: OpenSSL's errors say why.
 */
EVP_PKEY *rsa_key_make(unsigned bits);

#endif
