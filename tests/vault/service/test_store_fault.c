/* SPDX-License-Identifier: Apache-2.0 */
/* A table that cannot be read is not an empty one: where a vault lets a machine
 * in for want of a row, a fault lets in nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/vault/service/evidence.h"
#include "tests/vault/service/policy.h"
#include "tests/vault/service/store.h"

/* SQLite computes this for each row that is read, and it has no 64 bits. */
#define FAULT "abs(-9223372036854775807 - 1)"

/* With a view in the place of TABLE, whose rows cannot be read. */
static struct store *
open_store(const char *drop, const char *view)
{
    struct store *store = store_open(":memory:");

    assert_non_null(store);
    assert_true(store_run(store, drop, ""));
    assert_true(store_run(store, view, ""));
    return store;
}

static void
policy_that_cannot_be_read_is_no_policy_of_any(void **state)
{
    struct store *store = open_store(
        "DROP TABLE policy", "CREATE VIEW policy AS SELECT '1' AS vault,"
                             " " FAULT " AS level, '' AS pcrs");
    struct policy policy;

    (void)state;
    assert_false(policy_read(store, "1", &policy));
    /* Of another vault there is no row. */
    assert_true(policy_read(store, "2", &policy));
    assert_int_equal(policy.level, POLICY_ANY);
    store_close(&store);
}

static void
evidence_that_cannot_be_read_is_not_none(void **state)
{
    struct store *store = open_store("DROP TABLE machine",
                                     "CREATE VIEW machine AS SELECT " FAULT
                                     " AS uuid, '1' AS vault,"
                                     " 'registered' AS state");
    struct machine machine;

    (void)state;
    assert_true(store_run(store, "PRAGMA foreign_keys=OFF", ""));
    assert_true(store_run(
        store,
        "INSERT INTO evidence (machine, at, caller, offer, evidence, verifier,"
        " proof, emulated, ek, verdict, ak_certificate)"
        " VALUES ('m', 0, '', '', '', '', '', 0, 'e', '', '')",
        ""));
    assert_false(evidence_find_machine(store, "1", "e", "", &machine));
    machine_clear(&machine);
    store_close(&store);
}

static void
fault_on_the_way_is_told_at_the_end(void **state)
{
    struct store *store = store_open(":memory:");
    struct sqlite3_stmt *rows;

    (void)state;
    assert_non_null(store);
    rows = store_rows(store, "SELECT 1", "");
    assert_true(store_next(rows));
    assert_true(store_done(&rows));
    rows = store_rows(store, "SELECT " FAULT, "");
    assert_false(store_next(rows));
    assert_false(store_done(&rows));
    rows = store_rows(store, "SELECT * FROM nothing", "");
    assert_false(store_next(rows));
    assert_false(store_done(&rows));
    store_close(&store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_that_cannot_be_read_is_no_policy_of_any),
        cmocka_unit_test(evidence_that_cannot_be_read_is_not_none),
        cmocka_unit_test(fault_on_the_way_is_told_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
