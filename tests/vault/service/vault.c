/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table vault. */
#include "tests/vault/service/vault.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "tests/vault/service/fault.h"
#include "tests/vault/service/store.h"

#define COLUMNS                                                                \
    "SELECT id, name, subscription, resource_group, location, client,"         \
    " generation, quota FROM vault "

#define QUOTA (INT64_C(1) << 40)

bool
vault_is_name(const char *text)
{
    size_t length = strlen(text);

    if (length < 2 || length >= VAULT_NAME_MAX ||
        !isalpha((unsigned char)text[0]))
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '-')
            return false;
    return true;
}

static void
read_row(struct sqlite3_stmt *rows, struct vault *ret)
{
    store_text(rows, 0, ret->id, sizeof ret->id);
    store_text(rows, 1, ret->name, sizeof ret->name);
    store_text(rows, 2, ret->subscription, sizeof ret->subscription);
    store_text(rows, 3, ret->group, sizeof ret->group);
    store_text(rows, 4, ret->location, sizeof ret->location);
    store_text(rows, 5, ret->client, sizeof ret->client);
    ret->generation = store_number(rows, 6);
    ret->quota = store_number(rows, 7);
}

static bool
find(struct store *store, const char *sql, const char *key, struct vault *ret)
{
    struct sqlite3_stmt *rows = store_rows(store, sql, "s", key);
    bool found = store_next(rows);

    if (found)
        read_row(rows, ret);
    store_done(&rows);
    return found;
}

bool
vault_find(struct store *store, const char *id, struct vault *ret)
{
    return find(store, COLUMNS "WHERE id = $1", id, ret);
}

bool
vault_find_name(struct store *store, const char *name, struct vault *ret)
{
    return find(store, COLUMNS "WHERE name = $1", name, ret);
}

bool
vault_each(struct store *store,
           void (*use)(void *context, const struct vault *vault), void *context)
{
    struct sqlite3_stmt *rows = store_rows(store, COLUMNS "ORDER BY name", "");
    struct vault vault;
    bool done = rows != NULL;

    while (store_next(rows)) {
        read_row(rows, &vault);
        use(context, &vault);
    }
    store_done(&rows);
    return done;
}

bool
vault_make(struct store *store, const char *name)
{
    struct vault vault;
    char subscription[ENCODING_UUID], client[ENCODING_UUID];
    char id[VAULT_ID_MAX], group[64];
    uint64_t number;

    if (!vault_is_name(name))
        return fault("%.60s: no vault's name", name);
    if (vault_find_name(store, name, &vault))
        return true;
    if (RAND_bytes((unsigned char *)&number, sizeof number) != 1 ||
        !encoding_uuid(subscription) || !encoding_uuid(client))
        return false;
    /* Above 2^53, as real ones are: no double holds it. */
    number = (number >> 1) | (UINT64_C(1) << 62);
    (void)snprintf(id, sizeof id, "%" PRIu64, number);
    (void)snprintf(group, sizeof group, "rg-%s", name);
    return store_run(store,
                     "INSERT INTO vault (id, name, subscription,"
                     " resource_group, location, client, generation, quota)"
                     " VALUES ($1, $2, $3, $4, $5, $6, 0, $7)",
                     "ssssssi", id, name, subscription, group, "westeurope",
                     client, QUOTA);
}

bool
vault_supersede(struct store *store, const char *id, int64_t *ret)
{
    struct vault vault;

    if (!vault_find(store, id, &vault))
        return false;
    *ret = vault.generation + 1;
    return store_run(store, "UPDATE vault SET generation = $1 WHERE id = $2",
                     "is", *ret, id);
}

bool
vault_set_quota(struct store *store, const char *name, int64_t bytes)
{
    return store_run(store, "UPDATE vault SET quota = $1 WHERE name = $2", "is",
                     bytes, name) &&
           (store_changed(store) == 1 || fault("no vault %.60s", name));
}

void
vault_audience(const struct vault *vault, char ret[static VAULT_AUDIENCE_MAX])
{
    (void)snprintf(ret, VAULT_AUDIENCE_MAX,
                   "https://RecoveryServiceVault/%s/%s/%s", vault->location,
                   vault->name, vault->id);
}
