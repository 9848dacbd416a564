/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table challenge.  The secret itself is kept, not a hash: the
 * verifier compares it.  It is worth nothing once it has come back, and the
 * database overwrites what it deletes. */
#include "tests/vault/service/challenge.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "tests/vault/service/store.h"

bool
challenge_make(struct exchange *exchange, const char *nonce,
               const json_t *offer, const uint8_t secret[static 32],
               int64_t expires)
{
    struct store *store = exchange->service->store;
    char hash[ENCODING_HASH_HEX];
    char hex[ENCODING_HASH_HEX];
    char *text = json_dumps(offer, JSON_COMPACT);
    bool done = text != NULL && encoding_hash(nonce, strlen(nonce), hash) &&
                store_run(store, "DELETE FROM challenge WHERE expires < $1",
                          "i", exchange->now);

    encoding_hex(secret, 32, hex);
    done = done && store_run(store,
                             "INSERT INTO challenge (nonce, caller, offer,"
                             " secret, expires, evidence)"
                             " VALUES ($1, $2, $3, $4, $5, '')",
                             "ssssi", hash, exchange->record.certificate, text,
                             hex, expires);
    OPENSSL_cleanse(hex, sizeof hex);
    free(text);
    return done;
}

bool
challenge_find(struct exchange *exchange, const char *nonce,
               struct challenge *ret, bool *ret_found)
{
    struct sqlite3_stmt *rows;
    bool read = true;

    *ret = (struct challenge){0};
    *ret_found = false;
    if (!encoding_hash(nonce, strlen(nonce), ret->nonce))
        return false;
    rows = store_rows(exchange->service->store,
                      "SELECT caller, offer, secret, expires, evidence"
                      " FROM challenge WHERE nonce = $1",
                      "s", ret->nonce);
    *ret_found = store_next(rows);
    if (*ret_found) {
        store_text(rows, 0, ret->caller, sizeof ret->caller);
        ret->offer = json_loads(store_peek(rows, 1), 0, NULL);
        store_text(rows, 2, ret->secret, sizeof ret->secret);
        ret->expires = store_number(rows, 3);
        ret->evidence = strdup(store_peek(rows, 4));
        read = ret->offer != NULL && ret->evidence != NULL;
    }
    return store_done(&rows) && read;
}

void
challenge_clear(struct challenge *challenge)
{
    json_decref(challenge->offer);
    free(challenge->evidence);
    OPENSSL_cleanse(challenge, sizeof *challenge);
    *challenge = (struct challenge){0};
}

bool
challenge_answer(struct exchange *exchange, const struct challenge *challenge,
                 const char *evidence)
{
    return store_run(exchange->service->store,
                     "UPDATE challenge SET secret = '', evidence = $1"
                     " WHERE nonce = $2",
                     "ss", evidence, challenge->nonce);
}

bool
challenge_end(struct exchange *exchange, const struct challenge *challenge)
{
    return store_run(exchange->service->store,
                     "DELETE FROM challenge WHERE nonce = $1", "s",
                     challenge->nonce);
}
