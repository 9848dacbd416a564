/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table machine.  A machine is found by its certificate or by the
 * credential and key it came with, never by its name. */
#include "tests/vault/service/machine.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include "tests/vault/service/fault.h"
#include "tests/vault/service/store.h"

#define COLUMNS                                                                \
    "SELECT uuid, vault, credential, key, name, key_store, certificate,"       \
    " registered, expires, state, repository, prune_until FROM machine "

static const char *const states[] = {[MACHINE_REGISTERED] = "registered",
                                     [MACHINE_LEFT] = "left",
                                     [MACHINE_REVOKED] = "revoked",
                                     [MACHINE_REPLACED] = "replaced"};

const char *
machine_state_word(enum machine_state state)
{
    return states[state];
}

bool
machine_insert(struct store *store, const struct machine *machine)
{
    unsigned char *der = NULL;
    int length = i2d_X509(machine->certificate, &der);
    char *hex = length > 0 ? malloc(2 * (size_t)length + 1) : NULL;
    char sha256[ENCODING_HASH_HEX];
    bool done = hex != NULL && encoding_hash(der, (size_t)length, sha256);

    if (done) {
        encoding_hex(der, (size_t)length, hex);
        done = store_run(
            store,
            "INSERT INTO machine (uuid, vault, credential, key, name,"
            " key_store, sha256, certificate, registered, expires, state,"
            " repository, prune_until)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            "ssisssssiisii", machine->uuid, machine->vault, machine->credential,
            machine->key, machine->name, machine->key_store, sha256, hex,
            machine->registered, machine->expires, states[machine->state],
            machine->repository, machine->prune_until);
    }
    free(hex);
    OPENSSL_free(der);
    return done;
}

static void
read_row(struct sqlite3_stmt *rows, struct machine *ret)
{
    char state[16];

    *ret = (struct machine){.state = MACHINE_REVOKED};
    store_text(rows, 0, ret->uuid, sizeof ret->uuid);
    store_text(rows, 1, ret->vault, sizeof ret->vault);
    ret->credential = store_number(rows, 2);
    store_text(rows, 3, ret->key, sizeof ret->key);
    store_text(rows, 4, ret->name, sizeof ret->name);
    store_text(rows, 5, ret->key_store, sizeof ret->key_store);
    ret->certificate = encoding_certificate(store_peek(rows, 6));
    ret->registered = store_number(rows, 7);
    ret->expires = store_number(rows, 8);
    store_text(rows, 9, state, sizeof state);
    for (int i = 0; i < (int)(sizeof states / sizeof *states); i++)
        if (strcmp(state, states[i]) == 0)
            ret->state = (enum machine_state)i;
    ret->repository = store_number(rows, 10);
    ret->prune_until = store_number(rows, 11);
}

/* The first of ROWS, which it ends. */
static bool
read_one(struct sqlite3_stmt *rows, struct machine *ret)
{
    bool found = store_next(rows);

    *ret = (struct machine){0};
    if (found)
        read_row(rows, ret);
    store_done(&rows);
    return found && ret->certificate != NULL;
}

bool
machine_find(struct store *store, int64_t credential, const char *key,
             struct machine *ret)
{
    return read_one(store_rows(store,
                               COLUMNS "WHERE credential = $1 AND key = $2",
                               "is", credential, key),
                    ret);
}

bool
machine_find_certificate(struct store *store, const char *sha256,
                         X509 *certificate, struct machine *ret)
{
    return read_one(store_rows(store, COLUMNS "WHERE sha256 = $1", "s", sha256),
                    ret) &&
           X509_cmp(ret->certificate, certificate) == 0;
}

bool
machine_find_uuid(struct store *store, const char *uuid, struct machine *ret)
{
    return read_one(store_rows(store, COLUMNS "WHERE uuid = $1", "s", uuid),
                    ret);
}

void
machine_clear(struct machine *machine)
{
    X509_free(machine->certificate);
    machine->certificate = NULL;
}

bool
machine_leave(struct store *store, const char *uuid)
{
    return store_run(store,
                     "UPDATE machine SET state = 'left'"
                     " WHERE uuid = $1 AND state = 'registered'",
                     "s", uuid);
}

static bool
revoke(struct store *store, const char *uuid)
{
    struct machine machine;
    int64_t generation;
    bool found = machine_find_uuid(store, uuid, &machine);

    machine_clear(&machine);
    if (found &&
        (machine.state == MACHINE_REVOKED || machine.state == MACHINE_REPLACED))
        return true;
    return found &&
           store_run(store,
                     "UPDATE machine SET state = 'revoked', prune_until = 0"
                     " WHERE uuid = $1",
                     "s", uuid) &&
           vault_supersede(store, machine.vault, &generation);
}

bool
machine_revoke(struct store *store, const char *uuid)
{
    if (!store_begin(store))
        return false;
    if (revoke(store, uuid))
        return store_commit(store);
    store_rollback(store);
    return fault("no machine %.40s", uuid);
}

bool
machine_find_key(struct store *store, const char *vault, const char *key,
                 struct machine *ret)
{
    return read_one(store_rows(store,
                               COLUMNS
                               "WHERE vault = $1 AND key = $2 AND state IN"
                               " ('registered', 'left')"
                               " ORDER BY registered DESC, rowid DESC LIMIT 1",
                               "ss", vault, key),
                    ret);
}

bool
machine_replace(struct store *store, const char *uuid)
{
    return store_run(store,
                     "UPDATE machine SET state = 'replaced', prune_until = 0"
                     " WHERE uuid = $1",
                     "s", uuid);
}

bool
machine_grant(struct store *store, const char *uuid, int64_t until)
{
    return store_run(store,
                     "UPDATE machine SET prune_until = $1 WHERE uuid = $2",
                     "is", until, uuid);
}

bool
machine_each(struct store *store, const char *vault,
             void (*use)(void *context, const struct machine *machine),
             void *context)
{
    struct sqlite3_stmt *rows = store_rows(
        store, COLUMNS "WHERE vault = $1 ORDER BY registered, uuid", "s",
        vault);
    struct machine machine;
    bool done = rows != NULL;

    while (store_next(rows)) {
        read_row(rows, &machine);
        use(context, &machine);
        machine_clear(&machine);
    }
    store_done(&rows);
    return done;
}
