/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the tables repository and object.  An object is there if its row is;
 * a file without one is what a crash left. */
#include "tests/vault/service/repository.h"

#include <string.h>

#include "tests/vault/service/store.h"

static const char *const words[] = {
    [OBJECT_CONFIG] = "config", [OBJECT_DATA] = "data",
    [OBJECT_INDEX] = "index",   [OBJECT_KEYS] = "keys",
    [OBJECT_LOCKS] = "locks",   [OBJECT_SNAPSHOTS] = "snapshots"};

const char *
object_type_word(enum object_type type)
{
    return words[type];
}

bool
object_type_find(const char *text, enum object_type *ret)
{
    for (int i = OBJECT_DATA; i < OBJECT__MAX; i++) {
        if (strncmp(text, words[i], strlen(words[i])) == 0) {
            *ret = (enum object_type)i;
            return true;
        }
    }
    return false;
}

bool
repository_make(struct store *store, const char *vault, int64_t *ret)
{
    if (!store_run(store, "INSERT INTO repository (vault) VALUES ($1)", "s",
                   vault))
        return false;
    *ret = store_made(store);
    return true;
}

int64_t
repository_vault_size(struct store *store, const char *vault)
{
    struct sqlite3_stmt *rows = store_rows(
        store,
        "SELECT COALESCE(SUM(size), 0) FROM object WHERE repository IN"
        " (SELECT id FROM repository WHERE vault = $1)",
        "s", vault);
    int64_t size = store_next(rows) ? store_number(rows, 0) : INT64_MAX;

    store_done(&rows);
    return size;
}

void
repository_describe(struct store *store, int64_t repository, int64_t *ret_size,
                    int64_t *ret_last)
{
    struct sqlite3_stmt *rows = store_rows(
        store,
        "SELECT COALESCE(SUM(size), 0),"
        " COALESCE(MAX(CASE type WHEN 'snapshots' THEN received END), 0)"
        " FROM object WHERE repository = $1",
        "i", repository);
    bool found = store_next(rows);

    *ret_size = found ? store_number(rows, 0) : 0;
    *ret_last = found ? store_number(rows, 1) : 0;
    store_done(&rows);
}

bool
repository_empty(struct store *store, int64_t repository)
{
    return store_run(store, "DELETE FROM object WHERE repository = $1", "i",
                     repository);
}

bool
object_find(struct store *store, struct object *object)
{
    struct sqlite3_stmt *rows = store_rows(
        store,
        "SELECT size, received FROM object"
        " WHERE repository = $1 AND type = $2 AND name = $3",
        "iss", object->repository, words[object->type], object->name);
    bool found = store_next(rows);

    if (found) {
        object->size = store_number(rows, 0);
        object->received = store_number(rows, 1);
    }
    store_done(&rows);
    return found;
}

bool
object_insert(struct store *store, const struct object *object)
{
    return store_run(store,
                     "INSERT INTO object"
                     " (repository, type, name, size, received)"
                     " VALUES ($1, $2, $3, $4, $5)",
                     "issii", object->repository, words[object->type],
                     object->name, object->size, object->received);
}

bool
object_delete(struct store *store, const struct object *object)
{
    return store_run(store,
                     "DELETE FROM object"
                     " WHERE repository = $1 AND type = $2 AND name = $3",
                     "iss", object->repository, words[object->type],
                     object->name);
}

int64_t
object_count(struct store *store, int64_t repository, enum object_type type)
{
    struct sqlite3_stmt *rows = store_rows(
        store,
        "SELECT COUNT(*) FROM object WHERE repository = $1 AND type = $2", "is",
        repository, words[type]);
    int64_t count = store_next(rows) ? store_number(rows, 0) : INT64_MAX;

    store_done(&rows);
    return count;
}

bool
object_each(struct store *store, int64_t repository, enum object_type type,
            void (*use)(void *context, const struct object *object),
            void *context)
{
    struct sqlite3_stmt *rows = store_rows(
        store,
        "SELECT name, size, received FROM object"
        " WHERE repository = $1 AND type = $2 ORDER BY name",
        "is", repository, words[type]);
    struct object object = {.repository = repository, .type = type};
    bool done = rows != NULL;

    while (store_next(rows)) {
        store_text(rows, 0, object.name, sizeof object.name);
        object.size = store_number(rows, 1);
        object.received = store_number(rows, 2);
        use(context, &object);
    }
    store_done(&rows);
    return done;
}
