/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holdfast-credential that a file has brought down, as by a bug in a parser:
 * a refusal like any other, which leaves the file alone and records nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/programs/snapshot.h"

static int
start(void **state)
{
    (void)rig_case_start_one(state);
    rig_use_net(&rig, NULL);
    return 0;
}

/* The parser does what SCRIPT does. */
static void
replace_helper(const char *script)
{
    char path[RIG_PATH + 64];
    FILE *out;

    snprintf(path, sizeof path, "%s/libexec/holdfast/holdfast-credential",
             rig.directory);
    assert_int_equal(unlink(path), 0);
    out = fopen(path, "we");
    assert_non_null(out);
    (void)fprintf(out, "#!/bin/sh\n%s\n", script);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static void
expect_refusal(const char *says)
{
    char path[RIG_PATH + 16];
    char *before = snapshot_take(file);
    char *after;

    rig_register(&rig, &run, file);
    rig_expect(&run, 70, says);
    after = snapshot_take(file);
    assert_string_equal(after, before);
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    assert_false(rig_exists(path));
    free(before);
    free(after);
}

static void
crash_is_a_refusal(void **state)
{
    (void)state;
    replace_helper("kill -SEGV $$");
    expect_refusal("holdfast-credential died of Segmentation fault");
}

static void
early_end_is_a_refusal(void **state)
{
    (void)state;
    replace_helper("exit 0");
    expect_refusal("holdfast-credential: ");
}

static void
helper_that_cannot_be_started_is_told_so(void **state)
{
    (void)state;
    replace_helper("exit 127");
    expect_refusal("holdfast-credential could not be started");
}

/* It is ended after the ten seconds that it has. */
static void
hanging_is_a_refusal(void **state)
{
    (void)state;
    replace_helper("exec /bin/sleep 600");
    expect_refusal("holdfast-credential: ");
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(crash_is_a_refusal),
        TEST(early_end_is_a_refusal),
        TEST(helper_that_cannot_be_started_is_told_so),
        TEST(hanging_is_a_refusal),
    };

    return rig_case_main(argc, argv, tests);
}
