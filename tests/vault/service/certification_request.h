/* SPDX-License-Identifier: Apache-2.0 */
/* The PKCS#10 request (RFC 2986) of M4. */
#ifndef VAULT_CERTIFICATION_REQUEST_H
#define VAULT_CERTIFICATION_REQUEST_H

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/exchange.h"

/* The machine's public key out of the request's body: the request is signed by
 * it, and it is on P-256 or P-384, or RSA of 2048 bits or more.  RET_HASH is
 * SHA-256 of its SubjectPublicKeyInfo.  NULL after a refusal with type or
 * request. */
EVP_PKEY *certification_request_key(struct exchange *exchange,
                                    char ret_hash[static ENCODING_HASH_HEX]);

#endif
