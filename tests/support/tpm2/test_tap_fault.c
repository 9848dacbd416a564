/* SPDX-License-Identifier: Apache-2.0 */
/* The tap's bad days: each happens when, as often and to whom it was asked. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/tpm2/tap_case.h"

static void
create_primary(void)
{
    tpm2_tool_create_primary(&tap_case.run, tap_socket(tap_case.tap),
                             tap_case_directory());
}

/* What is left in the TPM, asked past the tap. */
static void
assert_transient(const char *wanted)
{
    struct rig_run *handles = calloc(1, sizeof *handles);

    assert_non_null(handles);
    tpm2_tool(handles, tap_case_swtpm(), "getcap", "handles-transient", NULL);
    rig_expect(handles, 0, "");
    assert_string_equal(handles->out, wanted);
    free(handles);
}

static void
injected_error_is_seen(void **state)
{
    (void)state;
    tap_inject(tap_case.tap, &(struct tap_fault){.action = TAP_ERROR,
                                                 .code = CC_GET_RANDOM,
                                                 .nth = 2,
                                                 .rc = RC_LOCKOUT});
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
    assert_int_equal(tap_struck(tap_case.tap), 0);
    tap_case_get_random();
    assert_int_not_equal(tap_case.run.status, 0);
    assert_non_null(strstr(tap_case.run.err, "0x921"));
    assert_int_equal(tap_struck(tap_case.tap), 1);
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
    assert_int_equal(tap_struck(tap_case.tap), 1);
}

/* tpm2-tss itself sends a command again that was answered so, 5 times in all;
 * the tools then say it is the TPM's last word. */
static void
error_goes_on_as_long_as_asked(void **state)
{
    struct tap_fault retry = {.action = TAP_ERROR,
                              .code = CC_GET_RANDOM,
                              .nth = 1,
                              .times = 4,
                              .rc = RC_RETRY};

    (void)state;
    tap_inject(tap_case.tap, &retry);
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
    assert_int_equal(tap_struck(tap_case.tap), 4);
    assert_int_equal(tap_count(tap_case.tap, CC_GET_RANDOM), 5);
    retry.times = TAP_ALWAYS;
    tap_inject(tap_case.tap, &retry);
    tap_case_get_random();
    assert_int_not_equal(tap_case.run.status, 0);
    assert_int_equal(tap_struck(tap_case.tap), 5);
    tap_inject(tap_case.tap, NULL);
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
    assert_int_equal(tap_struck(tap_case.tap), 0);
}

static void
cut_before_leaves_nothing_in_the_tpm(void **state)
{
    (void)state;
    tap_inject(tap_case.tap, &(struct tap_fault){.action = TAP_CUT,
                                                 .code = CC_CREATE_PRIMARY,
                                                 .nth = 1});
    create_primary();
    assert_int_not_equal(tap_case.run.status, 0);
    assert_true(tap_case.run.status > 0);
    assert_int_equal(tap_struck(tap_case.tap), 1);
    assert_transient("");
    create_primary();
    rig_expect(&tap_case.run, 0, "");
    assert_transient("- 0x80000000\n");
}

static void
cut_after_leaves_what_was_made(void **state)
{
    (void)state;
    tap_inject(tap_case.tap, &(struct tap_fault){.action = TAP_CUT,
                                                 .code = CC_CREATE_PRIMARY,
                                                 .nth = 1,
                                                 .executed = true});
    create_primary();
    assert_true(tap_case.run.status > 0);
    assert_int_equal(tap_struck(tap_case.tap), 1);
    assert_transient("- 0x80000000\n");
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
}

static void
kill_kills_before_and_after(void **state)
{
    struct tap_fault fault = {
        .action = TAP_KILL, .code = CC_CREATE_PRIMARY, .nth = 1};

    (void)state;
    tap_inject(tap_case.tap, &fault);
    create_primary();
    assert_int_equal(tap_case.run.status, -SIGKILL);
    assert_transient("");
    fault.executed = true;
    tap_inject(tap_case.tap, &fault);
    create_primary();
    assert_int_equal(tap_case.run.status, -SIGKILL);
    assert_int_equal(tap_struck(tap_case.tap), 1);
    assert_transient("- 0x80000000\n");
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
}

/* As the tests of a whole registration do: until no command is left. */
static void
every_command_can_be_stepped_through(void **state)
{
    unsigned commands, steps = 0;

    (void)state;
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
    commands = tap_count(tap_case.tap, 0);
    for (unsigned nth = 1; nth < 100; nth++) {
        tap_inject(tap_case.tap,
                   &(struct tap_fault){.action = TAP_KILL, .nth = nth});
        tap_case_get_random();
        if (tap_struck(tap_case.tap) == 0)
            break;
        assert_int_equal(tap_case.run.status, -SIGKILL);
        steps++;
    }
    rig_expect(&tap_case.run, 0, "");
    assert_int_equal(steps, commands);
}

static void
delay_holds_the_command(void **state)
{
    struct timespec before, after;
    long long ms;

    (void)state;
    tap_inject(tap_case.tap, &(struct tap_fault){.action = TAP_DELAY,
                                                 .code = CC_GET_RANDOM,
                                                 .nth = 1,
                                                 .delay_ms = 300});
    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    tap_case_get_random();
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    rig_expect(&tap_case.run, 0, "");
    assert_int_equal(tap_struck(tap_case.tap), 1);
    ms = (after.tv_sec - before.tv_sec) * 1000LL +
         (after.tv_nsec - before.tv_nsec) / 1000000;
    assert_true(ms >= 299);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TAP_CASE(injected_error_is_seen),
        TAP_CASE(error_goes_on_as_long_as_asked),
        TAP_CASE(cut_before_leaves_nothing_in_the_tpm),
        TAP_CASE(cut_after_leaves_what_was_made),
        TAP_CASE(kill_kills_before_and_after),
        TAP_CASE(every_command_can_be_stepped_through),
        TAP_CASE(delay_holds_the_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
