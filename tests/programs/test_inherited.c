/* SPDX-License-Identifier: Apache-2.0 */
/* What holdfast's starter may hand on: descriptors that are closed, signals
 * that are ignored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"

/* `BEFORE holdfast COMMAND AFTER` by the shell, which opens and closes. */
static void
run_with(const char *before, const char *command, const char *after)
{
    char script[2048];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    int length = snprintf(script, sizeof script, "exec %s '%s/holdfast' %s %s",
                          before, rig.bin, command, after);

    assert_in_range(length, 0, sizeof script - 1);
    rig_run(&run, argv);
}

static void
back_up_with(const char *before, const char *after)
{
    char command[4 * RIG_PATH];

    snprintf(command, sizeof command, "backup -s '%s' -P '%s' '%s'", rig.state,
             rig.passphrase, rig.source);
    run_with(before, command, after);
}

/* Then the kernel tells nobody how a child ended. */
static void
failure_is_seen_where_childrens_ends_are_ignored(void **state)
{
    (void)state;
    rig_data_back_up(&rig);
    rig_data_write(&rig, "another", "of sixteen letters, but not the right\n",
                   rig.passphrase);
    back_up_with("/usr/bin/env --ignore-signal=CHLD", "");
    rig_expect(&run, 65, "does not open the backups");
}

/* The passphrase's descriptor does not come to be standard output, nor a
 * helper's channel standard error. */
static void
first_backup_is_sound_without(const char *closed)
{
    back_up_with("", closed);
    rig_expect(&run, 0, "");
    rig_data_expect_restored(&rig);
}

static void
first_backup_is_sound_without_standard_input(void **state)
{
    (void)state;
    first_backup_is_sound_without("<&-");
}

static void
first_backup_is_sound_without_standard_output(void **state)
{
    (void)state;
    first_backup_is_sound_without(">&-");
}

static void
first_backup_is_sound_without_standard_error(void **state)
{
    (void)state;
    first_backup_is_sound_without("2>&-");
}

static void
first_backup_is_sound_without_any(void **state)
{
    (void)state;
    first_backup_is_sound_without("<&- >&- 2>&-");
}

/* That it is open now must not make it look as if it had been written to. */
static void
answer_to_nobody_is_an_error(void **state)
{
    char command[2 * RIG_PATH];

    (void)state;
    snprintf(command, sizeof command, "status -s '%s'", rig.state);
    run_with("", command, ">&-");
    rig_expect(&run, 74, "the answer could not be written");
}

static void
credential_from_a_closed_input_is_not_read(void **state)
{
    char command[2 * RIG_PATH];

    (void)state;
    snprintf(command, sizeof command, "show --vault-host '%s' -", rig.host);
    run_with("", command, "<&-");
    rig_expect(&run, 74, "the file cannot be read");
}

static void
relay_without_streams_does_not_start(void **state)
{
    char command[2 * RIG_PATH];
    static const char *const closed[] = {"<&-", ">&-"};

    (void)state;
    snprintf(command, sizeof command,
             "relay -s '%s' serve restic --stdio --b2-hard-delete vault",
             rig.state);
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        run_with("", command, closed[i]);
        rig_expect(&run, 64, "standard input and output are not restic's");
    }
}

#define TEST(name) RIG_CASE(name, rig_case_start_data)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(failure_is_seen_where_childrens_ends_are_ignored),
        TEST(first_backup_is_sound_without_standard_input),
        TEST(first_backup_is_sound_without_standard_output),
        TEST(first_backup_is_sound_without_standard_error),
        TEST(first_backup_is_sound_without_any),
        TEST(answer_to_nobody_is_an_error),
        TEST(credential_from_a_closed_input_is_not_read),
        TEST(relay_without_streams_does_not_start),
    };

    return rig_case_main(argc, argv, tests);
}
