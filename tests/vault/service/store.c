/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite behind a handful of calls.  There is no column for a private key of a
 * credential, and there must never be one. */
#include "tests/vault/service/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/vault/service/fault.h"

#define BUSY_MILLISECONDS 20000

/* Hashes and certificates in lower-case hexadecimal, times in seconds. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS setting ("
    " name TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS person ("
    " name TEXT PRIMARY KEY, salt TEXT NOT NULL, hash TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS session ("
    " id TEXT PRIMARY KEY, csrf TEXT NOT NULL, person TEXT,"
    " expires BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS login_failure ("
    " at BIGINT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS vault ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " subscription TEXT NOT NULL, resource_group TEXT NOT NULL,"
    " location TEXT NOT NULL, client TEXT NOT NULL,"
    " generation BIGINT NOT NULL, quota BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS repository ("
    " id INTEGER PRIMARY KEY, vault TEXT NOT NULL REFERENCES vault(id));"
    "CREATE TABLE IF NOT EXISTS object ("
    " repository BIGINT NOT NULL REFERENCES repository(id),"
    " type TEXT NOT NULL, name TEXT NOT NULL, size BIGINT NOT NULL,"
    " received BIGINT NOT NULL, PRIMARY KEY (repository, type, name))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS credential ("
    " id INTEGER PRIMARY KEY, vault TEXT NOT NULL REFERENCES vault(id),"
    " generation BIGINT NOT NULL, sha256 TEXT NOT NULL UNIQUE,"
    " certificate TEXT NOT NULL, machines TEXT NOT NULL,"
    " made BIGINT NOT NULL, expires BIGINT NOT NULL,"
    " retired BIGINT NOT NULL, revoked BIGINT NOT NULL,"
    " replaces TEXT NOT NULL,"
    " UNIQUE (vault, generation));"
    "CREATE TABLE IF NOT EXISTS assertion ("
    " jti TEXT PRIMARY KEY, sha256 TEXT NOT NULL, expires BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS nonce ("
    " hash TEXT PRIMARY KEY,"
    " credential BIGINT NOT NULL REFERENCES credential(id),"
    " machine_name TEXT NOT NULL, expires BIGINT NOT NULL,"
    " used BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS machine ("
    " uuid TEXT PRIMARY KEY, vault TEXT NOT NULL REFERENCES vault(id),"
    " credential BIGINT NOT NULL REFERENCES credential(id),"
    " key TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,"
    " certificate TEXT NOT NULL, key_store TEXT NOT NULL,"
    " registered BIGINT NOT NULL, expires BIGINT NOT NULL,"
    " state TEXT NOT NULL,"
    " repository BIGINT NOT NULL REFERENCES repository(id),"
    " prune_until BIGINT NOT NULL, UNIQUE (credential, key));"
    /* A vault without a row has the policy that was there before any. */
    "CREATE TABLE IF NOT EXISTS policy ("
    " vault TEXT PRIMARY KEY REFERENCES vault(id),"
    " level TEXT NOT NULL, pcrs TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS allowed ("
    " vault TEXT NOT NULL REFERENCES vault(id), ek TEXT NOT NULL,"
    " PRIMARY KEY (vault, ek));"
    "CREATE TABLE IF NOT EXISTS challenge ("
    " nonce TEXT PRIMARY KEY, caller TEXT NOT NULL, offer TEXT NOT NULL,"
    " secret TEXT NOT NULL, expires BIGINT NOT NULL, evidence TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS evidence ("
    " id INTEGER PRIMARY KEY, machine TEXT NOT NULL REFERENCES machine(uuid),"
    " at BIGINT NOT NULL, caller TEXT NOT NULL, offer TEXT NOT NULL,"
    " evidence TEXT NOT NULL, verifier TEXT NOT NULL, proof TEXT NOT NULL,"
    " emulated BIGINT NOT NULL, ek TEXT NOT NULL, verdict TEXT NOT NULL,"
    " ak_certificate TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS evidence_machine ON evidence (machine);"
    "CREATE INDEX IF NOT EXISTS evidence_ek ON evidence (ek);"
    "CREATE TABLE IF NOT EXISTS record ("
    " id INTEGER PRIMARY KEY, at BIGINT NOT NULL, line TEXT NOT NULL);";

struct store {
    sqlite3 *database;
};

static bool
complain(struct store *store, const char *what)
{
    return fault("database: %s: %s", what, sqlite3_errmsg(store->database));
}

struct store *
store_open(const char *path)
{
    struct store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return NULL;
    if (sqlite3_open(path, &store->database) != SQLITE_OK ||
        sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS) != SQLITE_OK ||
        sqlite3_exec(store->database,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                     "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(store->database, tables, NULL, NULL, NULL) != SQLITE_OK) {
        complain(store, path);
        store_close(&store);
    }
    return store;
}

void
store_close(struct store **store)
{
    if (*store == NULL)
        return;
    (void)sqlite3_close((*store)->database);
    free(*store);
    *store = NULL;
}

static bool
bind(sqlite3_stmt *rows, const char *format, va_list arguments)
{
    int rc = SQLITE_OK;

    for (int i = 1; rc == SQLITE_OK && format[i - 1] != '\0'; i++) {
        if (format[i - 1] == 'i')
            rc = sqlite3_bind_int64(rows, i, va_arg(arguments, int64_t));
        else
            rc = sqlite3_bind_text(rows, i, va_arg(arguments, const char *), -1,
                                   SQLITE_TRANSIENT);
    }
    return rc == SQLITE_OK;
}

static sqlite3_stmt *
prepare(struct store *store, const char *sql, const char *format,
        va_list arguments)
{
    sqlite3_stmt *rows = NULL;

    if (sqlite3_prepare_v2(store->database, sql, -1, &rows, NULL) ==
            SQLITE_OK &&
        bind(rows, format, arguments))
        return rows;
    complain(store, sql);
    (void)sqlite3_finalize(rows);
    return NULL;
}

bool
store_run(struct store *store, const char *sql, const char *format, ...)
{
    va_list arguments;
    sqlite3_stmt *rows;
    bool done;

    va_start(arguments, format);
    rows = prepare(store, sql, format, arguments);
    va_end(arguments);
    if (rows == NULL)
        return false;
    done = sqlite3_step(rows) == SQLITE_DONE || complain(store, sql);
    (void)sqlite3_finalize(rows);
    return done;
}

struct sqlite3_stmt *
store_rows(struct store *store, const char *sql, const char *format, ...)
{
    va_list arguments;
    sqlite3_stmt *rows;

    va_start(arguments, format);
    rows = prepare(store, sql, format, arguments);
    va_end(arguments);
    return rows;
}

bool
store_next(struct sqlite3_stmt *rows)
{
    int rc = rows != NULL ? sqlite3_step(rows) : SQLITE_DONE;

    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        fault("database: %s", sqlite3_errmsg(sqlite3_db_handle(rows)));
    return rc == SQLITE_ROW;
}

/* SQLite tells a step's fault once more at the end. */
bool
store_done(struct sqlite3_stmt **rows)
{
    bool done = *rows != NULL && sqlite3_finalize(*rows) == SQLITE_OK;

    *rows = NULL;
    return done;
}

const char *
store_peek(struct sqlite3_stmt *rows, int column)
{
    const unsigned char *text = sqlite3_column_text(rows, column);

    return text != NULL ? (const char *)text : "";
}

void
store_text(struct sqlite3_stmt *rows, int column, char *ret, size_t size)
{
    (void)snprintf(ret, size, "%s", store_peek(rows, column));
}

int64_t
store_number(struct sqlite3_stmt *rows, int column)
{
    return sqlite3_column_int64(rows, column);
}

int64_t
store_changed(struct store *store)
{
    return sqlite3_changes(store->database);
}

int64_t
store_made(struct store *store)
{
    return sqlite3_last_insert_rowid(store->database);
}

bool
store_begin(struct store *store)
{
    return store_run(store, "BEGIN IMMEDIATE", "");
}

bool
store_commit(struct store *store)
{
    if (store_run(store, "COMMIT", ""))
        return true;
    store_rollback(store);
    return false;
}

/* Some errors of SQLite's roll back by themselves. */
void
store_rollback(struct store *store)
{
    if (sqlite3_get_autocommit(store->database) == 0)
        (void)store_run(store, "ROLLBACK", "");
}

bool
store_begin_durable(struct store *store)
{
    return store_run(store, "PRAGMA synchronous=FULL", "") &&
           store_begin(store);
}

void
store_end_durable(struct store *store)
{
    (void)store_run(store, "PRAGMA synchronous=NORMAL", "");
}

bool
store_set(struct store *store, const char *name, const char *value)
{
    return store_run(store,
                     "INSERT INTO setting (name, value) VALUES ($1, $2)"
                     " ON CONFLICT (name) DO UPDATE SET value = $2",
                     "ss", name, value);
}

bool
store_get(struct store *store, const char *name, char *ret, size_t size)
{
    struct sqlite3_stmt *rows = store_rows(
        store, "SELECT value FROM setting WHERE name = $1", "s", name);
    bool found = store_next(rows);

    if (found)
        store_text(rows, 0, ret, size);
    store_done(&rows);
    return found;
}
