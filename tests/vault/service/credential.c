/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table credential, and the rules about them. */
#include "tests/vault/service/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include "tests/vault/service/clock.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/pki.h"
#include "tests/vault/service/store.h"

#define COLUMNS                                                                \
    "SELECT id, sha256, certificate, generation, machines, made, expires,"     \
    " retired, revoked, vault, replaces FROM credential "

static bool
insert(struct store *store, const struct credential *credential,
       const uint8_t *der, size_t length)
{
    const char *vault = credential->vault.id;
    char sha256[ENCODING_HASH_HEX];
    char *hex = malloc(2 * length + 1);
    int64_t generation;
    bool done = hex != NULL && encoding_hash(der, length, sha256) &&
                vault_supersede(store, vault, &generation);

    if (done) {
        encoding_hex(der, length, hex);
        done = store_run(
            store,
            "INSERT INTO credential (vault, generation, sha256, certificate,"
            " machines, made, expires, retired, revoked, replaces)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)",
            "sisssiis", vault, generation, sha256, hex,
            credential->one_machine ? "one" : "several", credential->made,
            credential->made + CREDENTIAL_HOURS * INT64_C(3600),
            credential->replaces);
    }
    free(hex);
    return done;
}

bool
credential_make(struct store *store, const struct credential *credential)
{
    unsigned char *der = NULL;
    int length = i2d_X509(credential->certificate, &der);
    bool done = false;

    if (length > 0 && store_begin(store)) {
        done = insert(store, credential, der, (size_t)length) &&
               store_commit(store);
        if (!done)
            store_rollback(store);
    }
    OPENSSL_free(der);
    return done;
}

static void
read_row(struct sqlite3_stmt *rows, struct credential *ret)
{
    char machines[16];

    ret->id = store_number(rows, 0);
    store_text(rows, 1, ret->sha256, sizeof ret->sha256);
    ret->certificate = encoding_certificate(store_peek(rows, 2));
    ret->generation = store_number(rows, 3);
    store_text(rows, 4, machines, sizeof machines);
    ret->one_machine = strcmp(machines, "several") != 0;
    ret->made = store_number(rows, 5);
    ret->expires = store_number(rows, 6);
    ret->retired = store_number(rows, 7) != 0;
    ret->revoked = store_number(rows, 8) != 0;
    store_text(rows, 9, ret->vault.id, sizeof ret->vault.id);
    store_text(rows, 10, ret->replaces, sizeof ret->replaces);
}

bool
credential_find(struct store *store, const char *sha256, X509 *certificate,
                struct credential *ret)
{
    struct sqlite3_stmt *rows = store_rows(store, COLUMNS "WHERE sha256 = $1",
                                           "s", sha256);
    bool found = store_next(rows);

    *ret = (struct credential){0};
    if (found)
        read_row(rows, ret);
    store_done(&rows);
    return found && ret->certificate != NULL &&
           (certificate == NULL ||
            X509_cmp(ret->certificate, certificate) == 0) &&
           vault_find(store, ret->vault.id, &ret->vault);
}

bool
credential_each(struct store *store, const char *vault,
                void (*use)(void *context, const struct credential *credential),
                void *context)
{
    struct sqlite3_stmt *rows = store_rows(
        store, COLUMNS "WHERE vault = $1 ORDER BY generation DESC", "s", vault);
    struct credential credential = {0};
    bool done = rows != NULL;

    while (store_next(rows)) {
        read_row(rows, &credential);
        if (credential.certificate != NULL &&
            vault_find(store, vault, &credential.vault))
            use(context, &credential);
        credential_clear(&credential);
    }
    store_done(&rows);
    return done;
}

void
credential_clear(struct credential *credential)
{
    X509_free(credential->certificate);
    credential->certificate = NULL;
}

int64_t
credential_end(const struct credential *credential)
{
    int64_t end = pki_end(credential->certificate);

    return end < credential->expires ? end : credential->expires;
}

enum refusal
credential_standing(const struct credential *credential, int64_t now,
                    char sentence[static CREDENTIAL_SENTENCE])
{
    int64_t end = credential_end(credential);
    char when[CLOCK_TEXT], clock[CLOCK_TEXT];

    if (credential->revoked) {
        (void)snprintf(sentence, CREDENTIAL_SENTENCE,
                       "this credential was revoked");
        return REFUSAL_REVOKED;
    }
    if (credential->generation != credential->vault.generation) {
        (void)snprintf(sentence, CREDENTIAL_SENTENCE,
                       "a newer credentials file of vault %s was downloaded, "
                       "or one of its machines was revoked",
                       credential->vault.name);
        return REFUSAL_SUPERSEDED;
    }
    if (credential->retired) {
        (void)snprintf(sentence, CREDENTIAL_SENTENCE,
                       "this credentials file was for one machine, which has "
                       "been registered");
        return REFUSAL_RETIRED;
    }
    if (now > end) {
        (void)snprintf(sentence, CREDENTIAL_SENTENCE,
                       "this credential ended at %s, and it is %s now",
                       clock_text(end, when), clock_text(now, clock));
        return REFUSAL_EXPIRED;
    }
    return REFUSAL_NONE;
}

bool
credential_retire(struct store *store, int64_t id)
{
    return store_run(store, "UPDATE credential SET retired = 1 WHERE id = $1",
                     "i", id);
}

bool
credential_revoke(struct store *store, const char *sha256)
{
    return store_run(store,
                     "UPDATE credential SET revoked = 1 WHERE sha256 = $1", "s",
                     sha256) &&
           (store_changed(store) == 1 || fault("no such credential"));
}
