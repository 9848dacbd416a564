/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that stop in the middle of a registration, so that nothing can be
 * taken back: the attempt stays recorded, and the next goes on with what is
 * there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/rig_case.h"

static int
start(void **state)
{
    (void)rig_case_start_one(state);
    rig_use_module(&rig, FAULTY_MODULE);
    return 0;
}

/* Pulled out in the middle: what is on it nobody knows, so that the attempt
 * stays recorded; plugged in again it takes no second key. */
static void
token_that_is_pulled_out_is_taken_up_again(void **state)
{
    char gone[RIG_PATH + 16];
    char path[RIG_PATH + 16];
    char *content = rig_read(file, NULL);
    char *after;

    (void)state;
    snprintf(gone, sizeof gone, "%s/gone", rig.directory);
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    rig_case_write("lies", "vanishes 1");
    rig_register(&rig, &run, file);
    rig_case_write("lies", "");
    rig_expect(&run, 78,
               "CKR_DEVICE_REMOVED, and the key could not be destroyed");
    after = rig_read(file, NULL);
    assert_string_equal(after, content);
    free(after);
    free(content);
    assert_true(rig_exists(path));
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "no such token");
    assert_int_equal(unlink(gone), 0);
    assert_int_equal(rig_count_keys(&rig), 1); /* ours, half made */
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1); /* the machine's */
}

/* Read-only after the import: what is on it cannot be taken back, so that the
 * attempt stays recorded, and goes on with the same key. */
static void
token_that_takes_nothing_more_is_taken_up_again(void **state)
{
    char closed[RIG_PATH + 16];
    char path[RIG_PATH + 16];

    (void)state;
    snprintf(closed, sizeof closed, "%s/closed", rig.directory);
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    rig_case_write("lies", "closes 1");
    rig_register(&rig, &run, file);
    rig_case_write("lies", "");
    rig_expect(&run, 78, "CKR_TOKEN_WRITE_PROTECTED");
    assert_true(rig_exists(file));
    assert_true(rig_exists(path));
    assert_int_equal(unlink(closed), 0);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(token_that_is_pulled_out_is_taken_up_again),
        TEST(token_that_takes_nothing_more_is_taken_up_again),
    };

    return rig_case_main(argc, argv, tests);
}
