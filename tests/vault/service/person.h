/* SPDX-License-Identifier: Apache-2.0 */
/* Who may use the portal, and their sessions in it. */
#ifndef VAULT_PERSON_H
#define VAULT_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/vault/service/encoding.h"

struct store;

/* Passwords are kept as scrypt's output (RFC 7914). */
bool person_set(struct store *store, const char *name, const char *password);
bool person_check(struct store *store, const char *name, const char *password);

/* How long a session lasts. */
#define PERSON_SESSION_SECONDS 3600

/* A browser's session: a cookie, a token against cross-site request forgery,
 * and, once logged in, a person. */
#define PERSON_NAME_MAX 64
struct person_session {
    char csrf[ENCODING_HASH_URL];
    char person[PERSON_NAME_MAX]; /* "" before the login */
};

/* A new session for PERSON (NULL: nobody yet); COOKIE is its secret, of which
 * the database has only the hash. */
bool person_session_make(struct store *store, const char *person, int64_t now,
                         char cookie[static ENCODING_HASH_URL],
                         struct person_session *ret);

/* False where COOKIE (may be NULL) names none, or one past its end. */
bool person_session_find(struct store *store, const char *cookie, int64_t now,
                         struct person_session *ret);
bool person_session_end(struct store *store, const char *cookie);

#endif
