/* SPDX-License-Identifier: Apache-2.0 */
/* A registration that took several attempts with several credential files: no
 * file with a key in it is forgotten. */
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

static char first[RIG_PATH];
static char second[RIG_PATH];

static int
start(void **state)
{
    (void)rig_case_start(state);
    rig_download(&rig, "several", first);
    rig_download(&rig, "several", second);
    assert_string_not_equal(first, second);
    return 0;
}

/* With a vault that cannot be reached: the key is in the token, and no more. */
static void
attempt(const char *path)
{
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register(&rig, &run, path);
    rig_expect(&run, 69, "the vault cannot be reached");
    assert_true(rig_exists(path));
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
}

/* MEMBER of the only file of an attempt before, as the last run's JSON has it;
 * valid until the next call. */
static const char *
earlier(const char *member)
{
    static json_t *report;
    json_t *files;
    const char *text;

    json_decref(report);
    report = rig_json(&run);
    files = json_object_get(json_object_get(report, "credential"),
                            "earlier_files");
    assert_int_equal(json_array_size(files), 1);
    text = json_string_value(json_object_get(json_array_get(files, 0), member));
    assert_non_null(text);
    return text;
}

static void
expect_registered(const char *path)
{
    rig_register(&rig, &run, path);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
}

static void
both_files_are_wiped(void **state)
{
    (void)state;
    attempt(first);
    attempt(second);
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 78, "and needs the credential file");
    assert_string_equal(earlier("file"), first);
    assert_non_null(strstr(earlier("wipe"), "to come"));
    expect_registered(second);
    assert_string_equal(earlier("file"), first);
    assert_null(strstr(earlier("wipe"), "to come"));
    assert_string_not_equal(earlier("wipe"), "gone");
    assert_false(rig_exists(first));
    assert_false(rig_exists(second));
    assert_int_equal(rig_count_keys(&rig), 1);
    rig_holdfast(&rig, &run, "status", NULL);
    assert_non_null(strstr(run.out, "credential earlier files file"));
}

/* The file that was given first is the last again. */
static void
file_that_is_given_again_is_there_once(void **state)
{
    (void)state;
    attempt(second);
    attempt(first);
    attempt(second);
    attempt(second);
    expect_registered(second);
    assert_string_equal(earlier("file"), first);
    assert_false(rig_exists(first));
    assert_false(rig_exists(second));
}

static void
earlier_file_with_other_content_is_left_and_named(void **state)
{
    size_t length, now_length;
    char *bytes, *now;

    (void)state;
    attempt(first);
    bytes = rig_read(first, &length);
    memset(bytes, 'x', length);
    rig_write(first, bytes, length);
    rig_register(&rig, &run, second);
    rig_expect(&run, 10, first);
    rig_expect(&run, 10, "look at it and remove it by hand");
    assert_false(rig_exists(second));
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 10, first);
    now = rig_read(first, &now_length);
    assert_int_equal(now_length, length);
    assert_memory_equal(now, bytes, length);
    free(now);
    free(bytes);
    assert_int_equal(unlink(first), 0);
    rig_holdfast(&rig, &run, "register", "--json", NULL);
    rig_expect(&run, 0, "");
    assert_string_equal(earlier("wipe"), "gone");
}

/* A copy may remain of any of them. */
static void
strict_wipe_is_about_all_files(void **state)
{
    (void)state;
    attempt(first);
    assert_int_equal(unlink(first), 0);
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1",
                 "--strict-wipe", second, NULL);
    rig_expect(&run, 11, "a copy may remain");
    assert_false(rig_exists(second));
}

static void
standard_input_before_it_is_named(void **state)
{
    (void)state;
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register_input(&rig, &run, first, "");
    rig_expect(&run, 69, "the vault cannot be reached");
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
    expect_registered(second);
    assert_string_equal(earlier("file"), "-");
    assert_string_equal(earlier("wipe"), "none");
    assert_true(rig_exists(first));
    assert_false(rig_exists(second));
}

/* With the state their paths are forgotten. */
static void
files_are_named_where_the_registration_is_given_up(void **state)
{
    (void)state;
    attempt(first);
    attempt(second);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, first));
    assert_non_null(strstr(run.out, second));
    assert_true(rig_exists(first));
    assert_true(rig_exists(second));
}

static void
expect_paths(const char *member, size_t count, const char *path)
{
    json_t *answer = rig_json(&run);
    json_t *paths = json_object_get(answer, member);

    assert_int_equal(json_array_size(paths), count);
    if (count > 0)
        assert_string_equal(json_string_value(json_array_get(paths, 0)), path);
    json_decref(answer);
}

/* Nobody is told to remove what is his own. */
static void
foreign_file_is_to_be_looked_at(void **state)
{
    char other[RIG_PATH + 8];

    snprintf(other, sizeof other, "%s.moved", first);
    (void)state;
    attempt(first);
    attempt(second);
    assert_int_equal(rename(first, other), 0);
    rig_write(first, "mine", 4);
    rig_write(second, "mine", 4); /* in the inode that was recorded */
    rig_holdfast(&rig, &run, "unregister", "--json", NULL);
    rig_expect(&run, 0, "");
    expect_paths("files_left", 0, NULL);
    expect_paths("files_to_look_at", 2, second);
}

/* Given up with the file's disk away: that has the file still. */
static void
file_that_is_away_is_to_be_looked_at(void **state)
{
    char directory[RIG_PATH], away[RIG_PATH + 8], path[RIG_PATH + 8];

    (void)state;
    snprintf(directory, sizeof directory, "%.120s/disk", rig.directory);
    snprintf(away, sizeof away, "%s.away", directory);
    snprintf(path, sizeof path, "%s/file", directory);
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_int_equal(rename(first, path), 0);
    attempt(path);
    assert_int_equal(rename(directory, away), 0);
    rig_holdfast(&rig, &run, "unregister", "--json", NULL);
    rig_expect(&run, 0, "");
    expect_paths("files_left", 0, NULL);
    expect_paths("files_to_look_at", 1, path);
}

/* One path, two files, of which one is there. */
static void
path_of_two_attempts_is_named_once(void **state)
{
    (void)state;
    attempt(first);
    assert_int_equal(rename(second, first), 0);
    attempt(first);
    rig_holdfast(&rig, &run, "unregister", "--json", NULL);
    rig_expect(&run, 0, "");
    expect_paths("files_left", 1, first);
    expect_paths("files_to_look_at", 0, NULL);
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(both_files_are_wiped),
        TEST(file_that_is_given_again_is_there_once),
        TEST(earlier_file_with_other_content_is_left_and_named),
        TEST(strict_wipe_is_about_all_files),
        TEST(standard_input_before_it_is_named),
        TEST(foreign_file_is_to_be_looked_at),
        TEST(file_that_is_away_is_to_be_looked_at),
        TEST(path_of_two_attempts_is_named_once),
        TEST(files_are_named_where_the_registration_is_given_up),
    };

    return rig_case_main(argc, argv, tests);
}
