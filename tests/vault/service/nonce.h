/* SPDX-License-Identifier: Apache-2.0 */
/* The nonces of M3: each for one new enrolment with one credential. */
#ifndef VAULT_NONCE_H
#define VAULT_NONCE_H

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/exchange.h"
#include "tests/vault/service/machine.h"

#define NONCE_SECONDS 600

/* 32 random bytes in base64url; false after a fault. */
bool nonce_fresh(char ret[static ENCODING_HASH_URL]);

/* A nonce for CREDENTIAL and a machine that people call NAME; RET has room for
 * 32 bytes in base64url. */
bool nonce_make(struct exchange *exchange, int64_t credential, const char *name,
                char ret[static ENCODING_HASH_URL], int64_t *ret_expires);

/* Use up NONCE; in the transaction of M4.  RET is the machine's name.  Refuses
 * with nonce, or with proof where it is another credential's. */
bool nonce_take(struct exchange *exchange, int64_t credential,
                const char *nonce, char ret[static MACHINE_NAME_MAX]);

#endif
