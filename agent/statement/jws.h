/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact JSON Web Signatures (RFC 7515) made with a key in a store: the three
 * that Holdfast makes are built here from typed values.
 */
#ifndef AGENT_STATEMENT_JWS_H
#define AGENT_STATEMENT_JWS_H

#include <jansson.h>

#include "keystore/store/keystore.h"

#define JWS_MAX 8192     /* a compact JWS, NUL included */
#define JWS_LIFETIME 600 /* seconds that a statement of ours is good for */
#define JWS_HASH_TEXT_LENGTH 43 /* base64url of 32 bytes */

/* base64url without padding (RFC 7515, 2) of LENGTH bytes; RET has room for
 * 4 * ((LENGTH + 2) / 3) + 1 bytes. */
void jws_base64url(const uint8_t *bytes, size_t length, char *ret);

/* SHA-256 of the DER SubjectPublicKeyInfo of PUBLIC. */
ERR_MUST_USE enum ks_err jws_spki_hash(EVP_PKEY *public, uint8_t ret[static 32],
                                       struct err_cause *cause);

/* Sign CLAIMS with KEY by SCHEME; HEADER gets "alg" added.  Takes both over in
 * any case; NULL, as where one could not be made, is KS_ERR_INTERNAL.  The
 * caller frees *RET with free(). */
ERR_MUST_USE enum ks_err jws_sign(struct keystore_key *key,
                                  enum keystore_scheme scheme, json_t *header,
                                  json_t *claims, char **ret,
                                  struct err_cause *cause);

#endif
