/* SPDX-License-Identifier: Apache-2.0 */
/* What a relay says of its failure, and what is made of a channel that says
 * something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "agent/holdfast/restic/relay_report.h"

static int ends[2];
static struct err_cause cause;

static int
start(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    return relay_report_open(ends, &cause) == KS_OK ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void
failure_arrives_with_its_cause(void **state)
{
    struct err_cause said = {"C_Login: \x1b[2J"};

    (void)state;
    assert_true(relay_report_send(ends[1], KS_ERR_PIN_WRONG, &said));
    assert_int_equal(relay_report_take(ends[0], &cause), KS_ERR_PIN_WRONG);
    assert_string_equal(cause.text, "C_Login: ?[2J");
}

/* Whether the other end is still open or not: a relay that was killed has said
 * nothing. */
static void
silence_is_no_failure(void **state)
{
    (void)state;
    assert_int_equal(relay_report_take(ends[0], &cause), KS_OK);
    close(ends[1]);
    ends[1] = -1;
    assert_int_equal(relay_report_take(ends[0], &cause), KS_OK);
}

static void
what_is_no_report_is_told_as_that(void **state)
{
    (void)state;
    assert_int_equal(write(ends[1], "done", 4), 4);
    assert_int_equal(relay_report_take(ends[0], &cause), KS_ERR_HELPER);
}

static void
nobody_need_read_it(void **state)
{
    (void)state;
    close(ends[0]);
    ends[0] = -1;
    assert_false(relay_report_send(ends[1], KS_ERR_NET, &cause));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(failure_arrives_with_its_cause),
        TEST(silence_is_no_failure),
        TEST(what_is_no_report_is_told_as_that),
        TEST(nobody_need_read_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
