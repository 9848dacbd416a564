/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords and sessions.  A session's cookie is changed at the login, so that
 * one planted beforehand is worth nothing. */
#include "tests/vault/service/person.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "tests/vault/service/store.h"

#define SALT_LENGTH 16
#define HASH_LENGTH 32
/* The service makes the password of 128 random bits: a guess is hopeless
 * whatever it costs, and each login is to be quick. */
#define COST 1024

static bool
derive(const char *password, uint8_t salt[static SALT_LENGTH],
       char ret[static 2 * HASH_LENGTH + 1])
{
    uint8_t hash[HASH_LENGTH];
    uint64_t n = COST;
    uint32_t r = 8, p = 1;
    char *text = OPENSSL_strdup(password);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_PASSWORD, text,
                                strlen(password)),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SALT, salt, SALT_LENGTH),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_END};
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
    EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    bool done = text != NULL && context != NULL &&
                EVP_KDF_derive(context, hash, sizeof hash, parameters) == 1;

    if (done)
        encoding_hex(hash, sizeof hash, ret);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    OPENSSL_clear_free(text, strlen(password));
    return done;
}

bool
person_set(struct store *store, const char *name, const char *password)
{
    uint8_t salt[SALT_LENGTH];
    char salt_text[2 * SALT_LENGTH + 1];
    char hash[2 * HASH_LENGTH + 1];

    if (RAND_bytes(salt, sizeof salt) != 1 || !derive(password, salt, hash))
        return false;
    encoding_hex(salt, sizeof salt, salt_text);
    return store_run(store,
                     "INSERT INTO person (name, salt, hash)"
                     " VALUES ($1, $2, $3)"
                     " ON CONFLICT (name) DO UPDATE SET salt = $2, hash = $3",
                     "sss", name, salt_text, hash);
}

bool
person_check(struct store *store, const char *name, const char *password)
{
    uint8_t salt[SALT_LENGTH] = {0};
    char salt_text[2 * SALT_LENGTH + 1];
    char expected[2 * HASH_LENGTH + 1] = "";
    char hash[2 * HASH_LENGTH + 1];
    struct sqlite3_stmt *rows = store_rows(
        store, "SELECT salt, hash FROM person WHERE name = $1", "s", name);
    bool known = store_next(rows);

    if (known) {
        store_text(rows, 0, salt_text, sizeof salt_text);
        store_text(rows, 1, expected, sizeof expected);
        known = encoding_from_hex(salt_text, salt, sizeof salt);
    }
    store_done(&rows);
    /* As long for a stranger as for somebody known. */
    return derive(password, salt, hash) && known &&
           CRYPTO_memcmp(hash, expected, sizeof hash) == 0;
}

static bool
make_secret(char ret[static ENCODING_HASH_URL])
{
    uint8_t bytes[32];

    return RAND_bytes(bytes, sizeof bytes) == 1 &&
           encoding_hash_url(bytes, sizeof bytes, ret);
}

bool
person_session_make(struct store *store, const char *person, int64_t now,
                    char cookie[static ENCODING_HASH_URL],
                    struct person_session *ret)
{
    char id[ENCODING_HASH_HEX];

    *ret = (struct person_session){0};
    if (person != NULL)
        (void)strncpy(ret->person, person, sizeof ret->person - 1);
    return make_secret(cookie) && make_secret(ret->csrf) &&
           encoding_hash(cookie, strlen(cookie), id) &&
           store_run(store, "DELETE FROM session WHERE expires < $1", "i",
                     now) &&
           store_run(store,
                     "INSERT INTO session (id, csrf, person, expires)"
                     " VALUES ($1, $2, $3, $4)",
                     "sssi", id, ret->csrf, person,
                     now + PERSON_SESSION_SECONDS);
}

bool
person_session_find(struct store *store, const char *cookie, int64_t now,
                    struct person_session *ret)
{
    char id[ENCODING_HASH_HEX];
    struct sqlite3_stmt *rows;
    bool found;

    if (cookie == NULL || !encoding_hash(cookie, strlen(cookie), id))
        return false;
    rows = store_rows(store,
                      "SELECT csrf, person FROM session"
                      " WHERE id = $1 AND expires >= $2",
                      "si", id, now);
    found = store_next(rows);
    if (found) {
        store_text(rows, 0, ret->csrf, sizeof ret->csrf);
        store_text(rows, 1, ret->person, sizeof ret->person);
    }
    store_done(&rows);
    return found;
}

bool
person_session_end(struct store *store, const char *cookie)
{
    char id[ENCODING_HASH_HEX];

    return cookie != NULL && encoding_hash(cookie, strlen(cookie), id) &&
           store_run(store, "DELETE FROM session WHERE id = $1", "s", id);
}
