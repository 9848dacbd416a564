/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: tpm_steps FAULT
 *        tpm_steps slow
 * A registration that meets a fault at each of its TPM commands, one after
 * the other, each time with a new TPM and a new state: the next `register`
 * brings it to its end, and nothing is left over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/support/rig_case.h"
#include "tests/support/rig_tpm.h"
#include "tests/support/tpm2/tap.h"

#define AT_THE_END 2 /* commands that nobody waits for */
#define DELAY_MS 100

/* TPM 2.0 Library, Part 2, 6.6.3 */
#define RC_FAILURE 0x101
#define RC_NV_RATE 0x920

/* An error at the flush of a key that was to make room shows as 75 at the next
 * command.  At TPM2_ActivateCredential it shows as 76, for that is how libtpms
 * answers a challenge that was made for another endorsement key. */
static const struct step_fault {
    const char *name;
    struct tap_fault fault;
    int statuses[3];    /* of a `register` that it ends; none is */
    const char *handle; /* for the token's URI */
} step_faults[] = {
    {"error", {.action = TAP_ERROR, .rc = RC_FAILURE}, {78, 75, 76}, ""},
    {"busy", {.action = TAP_ERROR, .rc = RC_NV_RATE}, {0}, ""},
    {"cut", {.action = TAP_CUT}, {78}, ""},
    {"cut_late", {.action = TAP_CUT, .executed = true}, {78}, ""},
    {"kill", {.action = TAP_KILL}, {70}, ""},
    {"kill_late", {.action = TAP_KILL, .executed = true}, {70}, ""},
    {"kill_handle", {.action = TAP_KILL}, {70}, ";handle=0x81000100"},
};

static const struct step_fault *step_fault = &step_faults[0];
static char *content;
static size_t content_length;

static int
start(void **state)
{
    (void)rig_case_start(state);
    rig_tap(&rig);
    strncat(rig.token, step_fault->handle,
            sizeof rig.token - 1 - strlen(rig.token));
    rig_download(&rig, "several", file);
    content = rig_read(file, &content_length);
    return 0;
}

static int
stop(void **state)
{
    free(content);
    return rig_case_stop(state);
}

/* The file as it was downloaded, a TPM and a state that know nothing of it. */
static void
begin_again(unsigned nth)
{
    assert_int_equal(swtpm_replace(rig.tpm), 0);
    rig_write(file, content, content_length);
    snprintf(rig.state, sizeof rig.state, "%.100s/state%u", rig.directory, nth);
}

/* Machines that the vault's records name from the *FROMth on, which then is the
 * first that is not there yet. */
static size_t
count_machines(size_t *from)
{
    json_t *records = rig_records(&rig);
    const char *seen = "";
    size_t count = 0;

    for (; *from < json_array_size(records); (*from)++) {
        const char *machine = json_string_value(
            json_object_get(json_array_get(records, *from), "machine"));

        assert_non_null(machine);
        if (*machine == '\0' || strcmp(machine, seen) == 0)
            continue;
        seen = machine;
        count++;
    }
    json_decref(records);
    return count;
}

static void
expect_one_registration(void)
{
    assert_int_equal(rig_count_keys(&rig), 1);
    assert_false(rig_exists(file));
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 0, "");
}

/* The last run's, if it is one that is expected. */
static int
expected_status(void)
{
    for (size_t i = 0; i < 3; i++)
        if (run.status == step_fault->statuses[i])
            return run.status;
    return step_fault->statuses[0];
}

/* It happens at the NTH command, and is said in one line or got over. */
static void
register_with_the_fault(unsigned nth)
{
    struct tap_fault fault = step_fault->fault;

    fault.nth = nth;
    tap_inject(rig.tap, &fault);
    rig_register(&rig, &run, file);
    assert_int_equal(tap_struck(rig.tap), 1);
    tap_inject(rig.tap, NULL);
    if (run.status == 0)
        return;
    rig_expect(&run, expected_status(), "holdfast: register: ");
    assert_ptr_equal(strchr(run.err, '\n'), strrchr(run.err, '\n'));
    assert_null(strstr(run.err, "no answer within"));
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
}

/* The commands of a registration without one. */
static unsigned
count_commands(void)
{
    begin_again(0);
    tap_reset(rig.tap);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    return tap_count(rig.tap, 0);
}

/* The last commands of all give back a slot and a session.  If they come to
 * nothing the registration is done all the same, and what they meant is given
 * back by the next command that uses the TPM. */
static void
expect_nothing_left(bool at_the_end)
{
    bool persistent = *step_fault->handle != '\0';

    if (persistent)
        tpm_expect_persistent(&rig, 2);
    if (persistent || at_the_end) {
        rig_holdfast(&rig, &run, "unregister", NULL);
        rig_expect(&run, 0, "");
    }
    tpm_expect_only_srk(&rig);
}

static void
every_step_is_got_over(void **state)
{
    unsigned commands = count_commands();
    size_t records = 0;

    (void)state;
    assert_true(commands > AT_THE_END);
    assert_int_equal(count_machines(&records), 1);
    for (unsigned nth = 1; nth <= commands; nth++) {
        begin_again(nth);
        register_with_the_fault(nth);
        expect_one_registration();
        expect_nothing_left(nth + AT_THE_END > commands);
        assert_int_equal(count_machines(&records), 1);
    }
}

/* A TPM that is slow is not lost. */
static void
delay_is_waited_for(void **state)
{
    (void)state;
    tap_inject(rig.tap, &(struct tap_fault){.action = TAP_DELAY,
                                            .nth = 1,
                                            .times = TAP_ALWAYS,
                                            .delay_ms = DELAY_MS});
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_true(tap_struck(rig.tap) > AT_THE_END);
    expect_one_registration();
    tpm_expect_only_srk(&rig);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest steps[] = {
        cmocka_unit_test_setup_teardown(every_step_is_got_over, start, stop),
    };
    const struct CMUnitTest slow[] = {
        cmocka_unit_test_setup_teardown(delay_is_waited_for, start, stop),
    };
    size_t i = 0;

    kind = "tpm2";
    if (argc == 2 && strcmp(argv[1], "slow") == 0)
        return cmocka_run_group_tests(slow, NULL, NULL);
    while (argc == 2 && i < sizeof step_faults / sizeof step_faults[0] &&
           strcmp(step_faults[i].name, argv[1]) != 0)
        i++;
    if (argc != 2 || i == sizeof step_faults / sizeof step_faults[0])
        return 64;
    step_fault = &step_faults[i];
    return cmocka_run_group_tests(steps, NULL, NULL);
}
