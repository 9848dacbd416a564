/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite database.  vaultd and vaultctl may have it open at the same time;
 * writers take their turn.  Which rows there are, and what they mean, is the
 * business of the modules that own them; the tables are all in store.c. */
#ifndef VAULT_STORE_H
#define VAULT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct sqlite3_stmt;

/* Opens PATH, and makes file and tables where there are none.  NULL after a
 * fault. */
struct store *store_open(const char *path);
void store_close(struct store **store);

/* Run one statement without rows.  FORMAT has one letter for every parameter
 * $1, $2...: s (const char *, NULL is NULL) or i (int64_t).  To SQLite these
 * are names, numbered as they first appear: $1 stands before $2. */
bool store_run(struct store *store, const char *sql, const char *format, ...);

/* A statement with rows:
 *     rows = store_rows(store, SQL, "s", text);
 *     while (store_next(rows))
 *         store_text(rows, 0, ...);
 *     store_done(&rows);
 * NULL rows have no next.  store_done() is false where they ended by a fault,
 * which whoever lets something happen for want of a row has to ask. */
struct sqlite3_stmt *store_rows(struct store *store, const char *sql,
                                const char *format, ...);
bool store_next(struct sqlite3_stmt *rows);
bool store_done(struct sqlite3_stmt **rows);

/* A column of the present row.  NULL reads as "" and 0; text too long for RET
 * is cut. */
void store_text(struct sqlite3_stmt *rows, int column, char *ret, size_t size);
int64_t store_number(struct sqlite3_stmt *rows, int column);

/* The text itself, for columns without a bound; valid until the next row. */
const char *store_peek(struct sqlite3_stmt *rows, int column);

/* Rows that the last store_run() changed, and the id of the row it made. */
int64_t store_changed(struct store *store);
int64_t store_made(struct store *store);

/* BEGIN IMMEDIATE: from here until the end nobody else writes. */
bool store_begin(struct store *store);
/* What cannot be committed is rolled back. */
bool store_commit(struct store *store);
/* The same for what must outlive a power cut once it is committed; its end goes
 * behind the commit or the rollback. */
bool store_begin_durable(struct store *store);
void store_end_durable(struct store *store);
void store_rollback(struct store *store);

/* A named value of the service. */
bool store_set(struct store *store, const char *name, const char *value);
bool store_get(struct store *store, const char *name, char *ret, size_t size);

#endif
