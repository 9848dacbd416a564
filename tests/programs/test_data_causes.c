/* SPDX-License-Identifier: Apache-2.0 */
/* Why backup, restore and snapshots fail: the exit status is the manual's, and
 * the first line on standard error is Holdfast's, whoever failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/programs/data_cause.h"
#include "tests/support/rig_case.h"

static const char *const names[DATA_CAUSE_COMMANDS] = {"backup", "restore",
                                                       "snapshots"};
static struct data_cause_given given;

static void
add(const char **argv, const char *option, const char *value)
{
    if (value == NULL)
        return;
    while (*argv != NULL)
        argv++;
    *argv++ = option;
    *argv = value;
}

static void
run_command(enum data_cause_command which)
{
    static unsigned restored; /* restic 0.14 makes no link anew */
    char program[RIG_PATH + 16], target[RIG_PATH + 32];
    const char *argv[16] = {program, names[which]};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    snprintf(target, sizeof target, "%s/restored-%u", rig.directory,
             restored++);
    add(argv, "-s", given.state);
    add(argv, "-p", given.pin);
    add(argv, "-P", given.passphrase);
    add(argv, "--ca-file", given.issuers);
    if (which == DATA_CAUSE_RESTORE) {
        add(argv, "-d", target);
        add(argv, "--", given.snapshot);
    } else if (which == DATA_CAUSE_BACKUP) {
        add(argv, "--", given.source);
    }
    rig_run(&run, argv);
}

/* Restore and snapshots first: the first backup makes what they lack. */
static void
expect_cause(const struct data_cause *cause)
{
    static const enum data_cause_command order[] = {
        DATA_CAUSE_RESTORE, DATA_CAUSE_SNAPSHOTS, DATA_CAUSE_BACKUP};
    char begins[256];

    for (size_t i = 0; i < DATA_CAUSE_COMMANDS; i++) {
        enum data_cause_command which = order[i];

        run_command(which);
        snprintf(begins, sizeof begins, "holdfast: %s: %s", names[which],
                 cause->phrase);
        if (run.status != cause->status[which] ||
            (run.status != 0 &&
             strncmp(run.err, begins, strlen(begins)) != 0) ||
            strstr(run.err, ".go:") != NULL ||
            strstr(run.err, "Is there a repository") != NULL)
            fail_msg("%s: %s ended with %d instead of %d\n%s%s", cause->name,
                     names[which], run.status, cause->status[which], run.out,
                     run.err);
    }
}

static void
exit_statuses_are_the_manuals_and_the_first_line_is_holdfasts(void **state)
{
    (void)state;
    rig_data_back_up(&rig);
    for (const struct data_cause *cause = data_causes; cause->name != NULL;
         cause++) {
        given = (struct data_cause_given){.state = rig.state,
                                          .pin = rig.pin_file,
                                          .passphrase = rig.passphrase,
                                          .source = rig.source};
        cause->set_up(&rig, &given);
        expect_cause(cause);
        if (cause->undo != NULL)
            cause->undo(&rig);
    }
}

#define TEST(name) RIG_CASE(name, rig_case_start_data)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(exit_statuses_are_the_manuals_and_the_first_line_is_holdfasts),
    };

    return rig_case_main(argc, argv, tests);
}
