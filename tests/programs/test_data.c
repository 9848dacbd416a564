/* SPDX-License-Identifier: Apache-2.0 */
/* Backup, snapshots and restore with a key on a token, and whom the passphrase
 * keeps out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"

/* With this in the passphrase's place. */
static void
use_passphrase(const char *text)
{
    rig_data_write(&rig, "another", text, rig.passphrase);
}

static void
wrong_passphrase_gets_nothing(void **state)
{
    char target[RIG_PATH + 8];

    (void)state;
    rig_data_back_up(&rig);
    use_passphrase("of sixteen letters, but not the right ones\n");
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 65, "does not open the backups");
    assert_string_equal(run.out, "");
    snprintf(target, sizeof target, "%s/t", rig.directory);
    rig_holdfast(&rig, &run, "restore", "--target", target, NULL);
    rig_expect(&run, 65, "does not open the backups");
    assert_false(rig_exists(target));
    rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    rig_expect(&run, 65, "does not open the backups");
    assert_int_equal(rig_data_count(&rig, "snapshots"), 1);
}

static void
restored_files_are_those_backed_up(void **state)
{
    (void)state;
    rig_data_back_up(&rig);
    rig_data_expect_restored(&rig);
}

static void
snapshots_are_listed_and_restored_by_name(void **state)
{
    char target[RIG_PATH + 16], path[3 * RIG_PATH];
    json_t *snapshots;
    const char *first;

    (void)state;
    rig_data_back_up(&rig);
    rig_holdfast(&rig, &run, "backup", "--exclude", "noise", rig.source, NULL);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "snapshots", "--json", NULL);
    rig_expect(&run, 0, "");
    snapshots = rig_json(&run);
    assert_int_equal(json_array_size(snapshots), 2);
    first = json_string_value(
        json_object_get(json_array_get(snapshots, 0), "id"));
    snprintf(target, sizeof target, "%s/first", rig.directory);
    rig_holdfast(&rig, &run, "restore", "-d", target, first, NULL);
    rig_expect(&run, 0, "");
    snprintf(path, sizeof path, "%s%s/noise", target, rig.source);
    assert_true(rig_exists(path));
    snprintf(target, sizeof target, "%s/latest", rig.directory);
    rig_holdfast(&rig, &run, "restore", "-d", target, NULL);
    rig_expect(&run, 0, "");
    snprintf(path, sizeof path, "%s%s/inner/text", target, rig.source);
    assert_true(rig_exists(path));
    snprintf(path, sizeof path, "%s%s/noise", target, rig.source);
    assert_false(rig_exists(path));
    json_decref(snapshots);
}

/* A process's memory cannot be read at its beginning, whoever reads. */
static void
file_that_cannot_be_read_makes_the_snapshot_partial(void **state)
{
    (void)state;
    rig_data_back_up(&rig);
    rig_holdfast(&rig, &run, "backup", rig.source, "/proc/self/mem", NULL);
    rig_expect(&run, 12, "some files could not be read");
    assert_int_equal(rig_data_count(&rig, "snapshots"), 2);
}

/* The passphrase comes by a named pipe, which is opened once the paths have
 * been looked at and read before restic is started: in between PATH is removed.
 */
static pid_t
remove_once_checked(const char *path)
{
    char passphrase[128] = "";
    int from = open(rig.passphrase, O_RDONLY), to;
    ssize_t length = read(from, passphrase, sizeof passphrase);
    pid_t remover;

    assert_true(length > 0);
    (void)close(from);
    snprintf(rig.passphrase, sizeof rig.passphrase, "%.100s/pipe",
             rig.directory);
    (void)unlink(rig.passphrase); /* of a call before */
    assert_int_equal(mkfifo(rig.passphrase, 0600), 0);
    remover = fork();
    if (remover != 0)
        return remover;
    to = open(rig.passphrase, O_WRONLY); /* as soon as somebody reads */
    _exit(to < 0 || unlink(path) != 0 ||
          write(to, passphrase, (size_t)length) != length);
}

static void
expect_removed(pid_t remover)
{
    int status = -1;

    assert_int_equal(waitpid(remover, &status, 0), remover);
    assert_int_equal(status, 0);
}

static void
path_that_vanishes_makes_the_snapshot_partial(void **state)
{
    char path[RIG_PATH], given[RIG_PATH];
    pid_t remover;

    (void)state;
    rig_data_back_up(&rig);
    rig_data_write(&rig, "vanishing", "soon gone", path);
    (void)strcpy(given, rig.passphrase);
    remover = remove_once_checked(path);
    rig_holdfast(&rig, &run, "backup", rig.source, path, NULL);
    expect_removed(remover);
    rig_expect(&run, 12, "some files could not be read: a path was just");
    (void)strcpy(rig.passphrase, given);
    assert_int_equal(rig_data_count(&rig, "snapshots"), 2);
    rig_data_expect_restored(&rig);
}

/* Nothing is left to back up. */
static void
only_path_that_vanishes_makes_no_snapshot(void **state)
{
    char path[RIG_PATH];
    pid_t remover;

    (void)state;
    rig_data_back_up(&rig);
    rig_data_write(&rig, "vanishing", "soon gone", path);
    remover = remove_once_checked(path);
    rig_holdfast(&rig, &run, "backup", path, NULL);
    expect_removed(remover);
    rig_expect(&run, 66, "a path to back up is not there");
    assert_int_equal(rig_data_count(&rig, "snapshots"), 1);
}

/* Not even a lock goes there. */
static void
vault_that_takes_nothing_gives_back(void **state)
{
    const char *quota[] = {VAULTCTL,  "quota", rig.vault, "lab1",
                           "--bytes", "1",     NULL};

    (void)state;
    rig_data_back_up(&rig);
    rig_run(&run, quota);
    rig_expect(&run, 0, "");
    rig_data_expect_restored(&rig);
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 0, "");
}

static void
two_at_once_both_succeed(void **state)
{
    pid_t one, two;

    (void)state;
    rig_data_back_up(&rig);
    one = rig_data_spawn(&rig, "backup", rig.source);
    two = rig_data_spawn(&rig, "backup", rig.source);
    assert_int_equal(rig_data_wait(one), 0);
    assert_int_equal(rig_data_wait(two), 0);
    assert_int_equal(rig_data_count(&rig, "snapshots"), 3);
    assert_int_equal(rig_data_count(&rig, "locks"), 0);
}

#define TEST(name) RIG_CASE(name, rig_case_start_data)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(wrong_passphrase_gets_nothing),
        TEST(restored_files_are_those_backed_up),
        TEST(snapshots_are_listed_and_restored_by_name),
        TEST(file_that_cannot_be_read_makes_the_snapshot_partial),
        TEST(path_that_vanishes_makes_the_snapshot_partial),
        TEST(only_path_that_vanishes_makes_no_snapshot),
        TEST(vault_that_takes_nothing_gives_back),
        TEST(two_at_once_both_succeed),
    };

    return rig_case_main(argc, argv, tests);
}
