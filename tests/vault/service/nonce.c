/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table nonce; the database has only their hashes. */
#include "tests/vault/service/nonce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "tests/vault/service/store.h"

bool
nonce_fresh(char ret[static ENCODING_HASH_URL])
{
    uint8_t bytes[32];
    char *text = RAND_bytes(bytes, sizeof bytes) == 1
                     ? encoding_base64url(bytes, sizeof bytes)
                     : NULL;

    if (text != NULL)
        (void)snprintf(ret, ENCODING_HASH_URL, "%s", text);
    free(text);
    return text != NULL;
}

bool
nonce_make(struct exchange *exchange, int64_t credential, const char *name,
           char ret[static ENCODING_HASH_URL], int64_t *ret_expires)
{
    char hash[ENCODING_HASH_HEX];

    *ret_expires = exchange->now + NONCE_SECONDS;
    return nonce_fresh(ret) && encoding_hash(ret, strlen(ret), hash) &&
           store_run(exchange->service->store,
                     "INSERT INTO nonce"
                     " (hash, credential, machine_name, expires, used)"
                     " VALUES ($1, $2, $3, $4, 0)",
                     "sisi", hash, credential, name, *ret_expires);
}

bool
nonce_take(struct exchange *exchange, int64_t credential, const char *nonce,
           char ret[static MACHINE_NAME_MAX])
{
    struct store *store = exchange->service->store;
    char hash[ENCODING_HASH_HEX];
    struct sqlite3_stmt *rows;
    int64_t owner = 0, expires = 0;
    bool found, used = false;

    if (!encoding_hash(nonce, strlen(nonce), hash))
        return exchange_fault(exchange);
    rows = store_rows(store,
                      "SELECT credential, machine_name, expires, used"
                      " FROM nonce WHERE hash = $1",
                      "s", hash);
    found = store_next(rows);
    if (found) {
        owner = store_number(rows, 0);
        store_text(rows, 1, ret, MACHINE_NAME_MAX);
        expires = store_number(rows, 2);
        used = store_number(rows, 3) != 0;
    }
    store_done(&rows);
    if (!found)
        return exchange_refuse(
            exchange, REFUSAL_NONCE,
            "this vault gave no such nonce; ask for one before each "
            "enrolment");
    if (owner != credential)
        return exchange_refuse(exchange, REFUSAL_PROOF,
                               "its nonce was given to another credential");
    if (used)
        return exchange_refuse(exchange, REFUSAL_NONCE,
                               "the nonce has been used; ask for another");
    if (exchange->now > expires)
        return exchange_refuse(exchange, REFUSAL_NONCE,
                               "the nonce is past its time; ask for another");
    return store_run(store, "UPDATE nonce SET used = 1 WHERE hash = $1", "s",
                     hash) ||
           exchange_fault(exchange);
}
