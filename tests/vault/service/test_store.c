/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction that cannot be committed is over: what it did is undone, and
 * the next one can begin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/vault/service/store.h"

/* SQLite looks at the second table's reference at COMMIT only, and leaves the
 * transaction open when it does not hold. */
static struct store *
open_store(void)
{
    struct store *store = store_open(":memory:");

    assert_non_null(store);
    assert_true(store_run(store, "PRAGMA foreign_keys=ON", ""));
    assert_true(
        store_run(store, "CREATE TABLE one (id INTEGER PRIMARY KEY)", ""));
    assert_true(store_run(store,
                          "CREATE TABLE other (id INTEGER REFERENCES one (id)"
                          " DEFERRABLE INITIALLY DEFERRED)",
                          ""));
    return store;
}

static int64_t
count(struct store *store)
{
    struct sqlite3_stmt *rows = store_rows(store, "SELECT count(*) FROM other",
                                           "");
    int64_t found;

    assert_true(store_next(rows));
    found = store_number(rows, 0);
    store_done(&rows);
    return found;
}

static void
failed_commit_is_undone(void **state)
{
    struct store *store = open_store();

    (void)state;
    assert_true(store_begin(store));
    assert_true(store_run(store, "INSERT INTO other (id) VALUES (7)", ""));
    assert_false(store_commit(store));
    assert_int_equal(count(store), 0);
    store_close(&store);
}

static void
next_transaction_begins_after_a_failed_one(void **state)
{
    struct store *store = open_store();

    (void)state;
    assert_true(store_begin(store));
    assert_true(store_run(store, "INSERT INTO other (id) VALUES (7)", ""));
    assert_false(store_commit(store));
    store_rollback(store); /* may be called all the same */
    assert_true(store_begin(store));
    assert_true(store_run(store, "INSERT INTO one (id) VALUES (7)", ""));
    assert_true(store_run(store, "INSERT INTO other (id) VALUES (7)", ""));
    assert_true(store_commit(store));
    assert_int_equal(count(store), 1);
    store_close(&store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failed_commit_is_undone),
        cmocka_unit_test(next_transaction_begins_after_a_failed_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
