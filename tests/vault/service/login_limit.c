/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table login_failure, which hold only as long as they count. */
#include "tests/vault/service/login_limit.h"

#include "tests/vault/service/store.h"

static int64_t
count(const struct login_limit *limit, const char *sql)
{
    struct sqlite3_stmt *rows = store_rows(
        limit->store, sql, "sis", limit->address,
        limit->now - LOGIN_LIMIT_SECONDS, limit->name);
    int64_t found = store_next(rows) ? store_number(rows, 0) : INT64_MAX;

    store_done(&rows);
    return found;
}

bool
login_limit_reached(const struct login_limit *limit)
{
    return count(limit, "SELECT COUNT(*) FROM login_failure"
                        " WHERE address = $1 AND at > $2 AND name = $3") >=
               LOGIN_LIMIT_NAME ||
           count(limit, "SELECT COUNT(*) FROM login_failure"
                        " WHERE address = $1 AND at > $2 AND $3 IS NOT NULL") >=
               LOGIN_LIMIT_ADDRESS;
}

bool
login_limit_count(const struct login_limit *limit)
{
    return store_run(limit->store, "DELETE FROM login_failure WHERE at <= $1",
                     "i", limit->now - LOGIN_LIMIT_SECONDS) &&
           store_run(limit->store,
                     "INSERT INTO login_failure (at, name, address)"
                     " VALUES ($1, $2, $3)",
                     "iss", limit->now, limit->name, limit->address);
}

bool
login_limit_forget(const struct login_limit *limit)
{
    return store_run(limit->store,
                     "DELETE FROM login_failure"
                     " WHERE name = $1 AND address = $2",
                     "ss", limit->name, limit->address);
}
