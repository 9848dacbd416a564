/* SPDX-License-Identifier: Apache-2.0 */
/* Holdfast behind a container's filter that is older than itself: what it can
 * do without is no hindrance, and what it cannot is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"
#include "tests/programs/snapshot.h"

#define WORDS_MAX 32

/* holdfast with the words after COMMAND, behind a filter with ACTION for CALLS.
 */
static void
behind(const char *calls, const char *action, const char *command,
       const char *const *words)
{
    char program[RIG_PATH + 16];
    const char *argv[WORDS_MAX] = {FILTERED_PROGRAM, calls,   action,
                                   program,          command, "--state-dir",
                                   rig.state};
    size_t count = 7;

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    for (; *words != NULL; words++)
        argv[count++] = *words;
    rig_run(&run, argv);
}

static void
register_behind(const char *calls, const char *action)
{
    const char *words[] = {"--allow-emulation",
                           "--token",
                           rig.token,
                           "--vault-host",
                           rig.host,
                           "--expect-vault",
                           "lab1",
                           "--ca-file",
                           rig.ca_file,
                           file,
                           strcmp(kind, "pkcs11") == 0 ? "--pin-file" : NULL,
                           rig.pin_file,
                           NULL};

    behind(calls, action, "register", words);
}

static void
call_that_is_needed_is_named_with_the_filter(void **state)
{
    static const char *const calls[] = {
        "openat2", "close_range", "memfd_create", "landlock_create_ruleset"};
    static const char *const actions[] = {"EPERM", "ENOSYS"};
    char *before = snapshot_take(file);

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        for (size_t j = 0; j < 2; j++) {
            /* Then the kernel may be an older one, too. */
            bool sandbox = i == 3 && j == 1;
            char *after;

            register_behind(calls[i], actions[j]);
            rig_expect(&run, 70,
                       sandbox ? "a helper cannot be confined on this kernel"
                               : "Holdfast may not make a system call it "
                                 "needs: ");
            if (!sandbox) {
                rig_expect(&run, 70, calls[i]);
                rig_expect(&run, 70, "a filter around it");
                rig_expect(&run, 70, "SystemCallFilter=");
            }
            after = snapshot_take(file);
            assert_string_equal(after, before);
            free(after);
            assert_int_equal(rig_count_keys(&rig), 0);
        }
    free(before);
}

/* Not even to find out whether they are there. */
static void
calls_that_are_not_needed_are_not_made(void **state)
{
    static const char *const restored[] = {"--offline", NULL};

    (void)state;
    register_behind("pidfd_open,faccessat2,epoll_pwait2", "kill");
    rig_expect(&run, 0, "");
    behind("pidfd_open,faccessat2,epoll_pwait2", "kill", "status",
           &restored[1]);
    rig_expect(&run, 0, "");
    if (strcmp(kind, "pkcs11") == 0)
        return; /* its PIN is asked for */
    behind("pidfd_open,faccessat2,epoll_pwait2", "kill", "unregister",
           restored);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 0);
}

/* A container of 2020: all that is newer is refused, not absent, so that no
 * library falls back; with clone3(2) so refused restic, as every program with
 * threads, does not start. */
static void
registration_and_backup_work_behind_an_old_filter(void **state)
{
    static const char calls[] = "pidfd_open,faccessat2,epoll_pwait2,process_"
                                "madvise,mount_setattr,futex_waitv,rseq";
    const char *words[] = {
        "--passphrase-file", rig.passphrase,
        rig.source,          strcmp(kind, "pkcs11") == 0 ? "--pin-file" : NULL,
        rig.pin_file,        NULL};

    (void)state;
    register_behind("pidfd_open,faccessat2,epoll_pwait2,clone3", "EPERM");
    rig_expect(&run, 0, "");
    rig_data_write(&rig, "passphrase",
                   "a passphrase that is long enough for a test\n",
                   rig.passphrase);
    rig_data_write(&rig, "source", "one file\n", rig.source);
    behind(calls, "EPERM", "backup", words);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_data_count(&rig, "snapshots"), 1);
}

#define TEST(name) RIG_CASE(name, rig_case_start_several)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(call_that_is_needed_is_named_with_the_filter),
        TEST(calls_that_are_not_needed_are_not_made),
        TEST(registration_and_backup_work_behind_an_old_filter),
    };

    return rig_case_main(argc, argv, tests);
}
