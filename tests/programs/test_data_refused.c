/* SPDX-License-Identifier: Apache-2.0 */
/* What a backup refuses before anything is sent, and what it takes all the
 * same. */
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
#include "tests/support/rig_data.h"

#define FIFTEEN "fifteen letters\n"
#define NOT_ASCII "sixteen l\xc3\xa4tters or more\n"

/* With this in the passphrase's place. */
static void
use_passphrase(const char *text)
{
    rig_data_write(&rig, "another", text, rig.passphrase);
}

static void
new_passphrase_that_does_not_do_leaves_nothing_anywhere(void **state)
{
    static const char *const bad[] = {FIFTEEN, NOT_ASCII};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        use_passphrase(bad[i]);
        rig_holdfast(&rig, &run, "backup", rig.source, NULL);
        rig_expect(&run, 65, "this passphrase cannot be used");
    }
    assert_int_equal(rig_data_count(&rig, "keys"), 0);
    use_passphrase("\n");
    rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    rig_expect(&run, 78, "the backup needs a passphrase");
    assert_int_equal(rig_data_count(&rig, "keys"), 0);
}

static void
passphrase_that_others_may_read_is_refused(void **state)
{
    (void)state;
    assert_int_equal(chmod(rig.passphrase, 0644), 0);
    rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    rig_expect(&run, 77, "chmod 600");
}

static void
what_restic_would_not_hand_on_is_refused(void **state)
{
    char quoted[RIG_PATH];

    (void)state;
    rig_data_write(&rig, "ca's", "issuers", quoted);
    rig_holdfast(&rig, &run, "backup", "--ca-file", quoted, rig.source, NULL);
    rig_expect(&run, 64, "a path with quotes");
    snprintf(quoted, sizeof quoted, "%.100s/it's", rig.directory);
    assert_int_equal(rename(rig.state, quoted), 0);
    snprintf(rig.state, sizeof rig.state, "%s", quoted);
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 64, "a path with quotes");
}

static void
without_restic_it_says_so(void **state)
{
    char path[1024];

    (void)state;
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    assert_int_equal(setenv("PATH", rig.directory, 1), 0);
    rig_holdfast(&rig, &run, "snapshots", NULL);
    assert_int_equal(setenv("PATH", path, 1), 0);
    rig_expect(&run, 69, "install it");
}

static void
unregistered_machine_has_nothing_to_back_up_to(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    rig_expect(&run, 78, "not registered");
}

/* While restic makes the repository: nothing of that is recorded for a machine
 * that is none any more, nor found by the next. */
static void
machine_that_leaves_during_its_first_backup_records_nothing(void **state)
{
    char path[1024], fake[RIG_PATH + 16], script[3 * RIG_PATH],
        recorded[RIG_PATH + 16];

    (void)state;
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    snprintf(recorded, sizeof recorded, "%s/state.json", rig.state);
    snprintf(fake, sizeof fake, "%s/restic", rig.directory);
    snprintf(script, sizeof script,
             "#!/bin/sh\n%s/holdfast unregister --state-dir '%s'\n", rig.bin,
             rig.state);
    rig_write(fake, script, strlen(script));
    assert_int_equal(chmod(fake, 0700), 0);
    assert_int_equal(setenv("PATH", rig.directory, 1), 0);
    rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    assert_int_equal(setenv("PATH", path, 1), 0);
    rig_expect(&run, 78, "not registered");
    assert_false(rig_exists(recorded));
}

/* Its issuer is not the one that the operator named. */
static void
server_of_another_issuer_gets_nothing(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "backup", "--ca-file",
                 "/etc/ssl/certs/ca-certificates.crt", rig.source, NULL);
    rig_expect(&run, 69, "could not be authenticated");
    assert_int_equal(rig_data_count(&rig, "keys"), 0);
}

/* As after a state that was lost and put back. */
static void
wrong_passphrase_for_a_repository_that_is_there_says_so(void **state)
{
    char backup[RIG_PATH];
    const char *copy[] = {"/bin/cp", "-r", rig.state, backup, NULL};

    (void)state;
    snprintf(backup, sizeof backup, "%.100s/before", rig.directory);
    rig_run(&run, copy);
    rig_expect(&run, 0, "");
    rig_data_back_up(&rig);
    snprintf(rig.state, sizeof rig.state, "%s", backup);
    use_passphrase("of sixteen letters, but not the right ones\n");
    rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    rig_expect(&run, 65, "does not open the backups");
    snprintf(rig.passphrase, sizeof rig.passphrase, "%.100s/passphrase",
             rig.directory);
    rig_data_back_up(&rig);
    assert_int_equal(rig_data_count(&rig, "keys"), 1);
    assert_int_equal(rig_data_count(&rig, "snapshots"), 2);
}

static void
more_paths_than_any_table_are_backed_up(void **state)
{
    char script[2048];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};

    (void)state;
    rig_data_back_up(&rig);
    snprintf(script, sizeof script,
             "cd '%s' && touch $(seq 500) && exec '%s/holdfast' backup -s '%s' "
             "-P '%s' $(seq 500)",
             rig.source, rig.bin, rig.state, rig.passphrase);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "500 new"));
}

static void
state_directory_may_be_relative(void **state)
{
    char directory[256];

    (void)state;
    assert_non_null(getcwd(directory, sizeof directory));
    assert_int_equal(chdir(rig.directory), 0);
    snprintf(rig.state, sizeof rig.state, "state");
    rig_data_back_up(&rig);
    rig_data_expect_restored(&rig);
    assert_int_equal(chdir(directory), 0);
}

#define TEST(name) RIG_CASE(name, rig_case_start_data)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(new_passphrase_that_does_not_do_leaves_nothing_anywhere),
        TEST(passphrase_that_others_may_read_is_refused),
        TEST(what_restic_would_not_hand_on_is_refused),
        TEST(without_restic_it_says_so),
        TEST(unregistered_machine_has_nothing_to_back_up_to),
        TEST(machine_that_leaves_during_its_first_backup_records_nothing),
        TEST(server_of_another_issuer_gets_nothing),
        TEST(wrong_passphrase_for_a_repository_that_is_there_says_so),
        TEST(more_paths_than_any_table_are_backed_up),
        TEST(state_directory_may_be_relative),
    };

    return rig_case_main(argc, argv, tests);
}
