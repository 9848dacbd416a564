/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the way of a wipe is named, with a way out that works from
 * there, and nothing is said of a file that is not so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rig_case.h"

static char directory[RIG_PATH]; /* of the first file alone */
static char away[RIG_PATH];      /* where that can go */
static char first[RIG_PATH];
static char second[RIG_PATH];

/* A file of an attempt before, which is found by its path at the wipe. */
static void
attempt_with_first(const char *name)
{
    char downloaded[RIG_PATH];

    snprintf(directory, sizeof directory, "%.100s/downloads", rig.directory);
    snprintf(away, sizeof away, "%.100s/away", rig.directory);
    snprintf(first, sizeof first, "%.120s/%s", directory, name);
    assert_int_equal(mkdir(directory, 0700), 0);
    rig_download(&rig, "several", downloaded);
    assert_int_equal(rename(downloaded, first), 0);
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register(&rig, &run, first);
    rig_expect(&run, 69, "the vault cannot be reached");
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
    rig_download(&rig, "several", second);
}

static int
start(void **state)
{
    (void)rig_case_start(state);
    attempt_with_first("first");
    return 0;
}

static int
start_killing(void **state)
{
    (void)rig_case_start(state);
    attempt_with_first("first.kills");
    return 0;
}

/* The second file is wiped, and the first is in the way of the end. */
static void
expect_unwiped(const char *says)
{
    rig_register(&rig, &run, second);
    rig_expect(&run, 10, says);
    rig_expect(&run, 10, first);
    assert_false(rig_exists(second));
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 10, says);
    rig_expect(&run, 10, "the same command again finishes the wipe");
}

/* OUTCOME and, in its detail, words of the first file's wipe; "" are any. */
static void
expect_outcome(const char *outcome, const char *detail)
{
    json_t *report, *earlier;
    const char *wipe;

    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    earlier = json_object_get(json_object_get(report, "credential"),
                              "earlier_files");
    assert_int_equal(json_array_size(earlier), 1);
    earlier = json_array_get(earlier, 0);
    assert_string_equal(json_string_value(json_object_get(earlier, "file")),
                        first);
    wipe = json_string_value(json_object_get(earlier, "wipe"));
    if (*outcome != '\0')
        assert_string_equal(wipe, outcome);
    else
        assert_string_not_equal(wipe, "gone");
    if (*detail != '\0')
        assert_non_null(
            strstr(json_string_value(json_object_get(earlier, "wipe_detail")),
                   detail));
    json_decref(report);
}

static void
expect_wiped(void)
{
    rig_holdfast(&rig, &run, "register", NULL);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(first));
    expect_outcome("", "");
}

static void
foreign_file_is_left_alone_and_is_in_nobodys_way(void **state)
{
    char *now;

    (void)state;
    snprintf(away, sizeof away, "%.120s/mine", directory);
    rig_write(away, "mine", 4);
    assert_int_equal(rename(away, first), 0);
    expect_unwiped("another file has its name now; move it away");
    assert_int_equal(rename(first, away), 0);
    rig_holdfast(&rig, &run, "register", NULL);
    rig_expect(&run, 0, "");
    expect_outcome("gone", "before it could be wiped");
    now = rig_read(away, NULL);
    assert_string_equal(now, "mine");
    free(now);
}

static void
hard_link_is_removed_first(void **state)
{
    (void)state;
    assert_int_equal(link(first, away), 0);
    expect_unwiped("it has 2 hard links; remove the others");
    assert_int_equal(unlink(away), 0);
    expect_wiped();
}

static void
file_that_is_open_is_closed_first(void **state)
{
    int other = open(first, O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_true(other >= 0);
    expect_unwiped("another process has the credential file open");
    rig_expect(&run, 10, "close it there");
    (void)close(other);
    expect_wiped();
}

static void
exposed_file_is_mended_first(void **state)
{
    char command[2 * RIG_PATH];

    (void)state;
    assert_int_equal(chmod(first, 0644), 0);
    snprintf(command, sizeof command, "chmod 600 '%s'", first);
    expect_unwiped(command);
    assert_int_equal(system(command), 0);
    expect_wiped();
}

static void
shorter_file_is_removed_by_hand(void **state)
{
    (void)state;
    assert_int_equal(truncate(first, 100), 0);
    expect_unwiped("it is shorter than it was; look at it and remove it");
    assert_int_equal(unlink(first), 0);
    rig_holdfast(&rig, &run, "register", NULL);
    rig_expect(&run, 0, "");
}

static void
file_whose_directory_is_away_is_not_gone(void **state)
{
    (void)state;
    assert_int_equal(rename(directory, away), 0);
    expect_unwiped("is not there; make or mount it");
    rig_holdfast(&rig, &run, "register", NULL);
    rig_expect(&run, 10, "is not there; make or mount it");
    assert_int_equal(rename(away, directory), 0);
    expect_wiped();
}

static void
directory_that_is_made_anew_has_lost_it(void **state)
{
    (void)state;
    assert_int_equal(rename(directory, away), 0);
    expect_unwiped("make or mount it");
    assert_int_equal(mkdir(directory, 0700), 0);
    rig_holdfast(&rig, &run, "register", NULL);
    rig_expect(&run, 0, "");
    expect_outcome("gone", "before it could be wiped");
}

static void
file_that_is_away_is_given_up(void **state)
{
    (void)state;
    assert_int_equal(rename(directory, away), 0);
    expect_unwiped("'register --allow-residue'");
    rig_holdfast(&rig, &run, "register", "--allow-residue", "--strict-wipe",
                 NULL);
    rig_expect(&run, 11, "was not there");
    expect_outcome("away", "was not there");
}

/* Also where the token is no help any more; the path is not forgotten unsaid.
 */
static void
file_that_is_away_is_given_up_with_the_machine(void **state)
{
    char look[2 * RIG_PATH];

    (void)state;
    assert_int_equal(rename(directory, away), 0);
    expect_unwiped("'unregister --offline'");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 10, "is not there");
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    snprintf(look, sizeof look, "look at %s\n", first);
    assert_non_null(strstr(run.out, look));
}

/* The outcome of one file is known before the next is begun. */
static void
kill_between_two_files_loses_no_outcome(void **state)
{
    json_t *report;

    (void)state;
    rig_use_helper(&rig, "holdfast-credential", CREDENTIAL_KILLING_STARTER);
    rig_register(&rig, &run, second);
    assert_int_equal(run.status, -SIGKILL);
    assert_false(rig_exists(second));
    assert_true(rig_exists(first));
    rig_use_helper(&rig, "holdfast-credential", NULL);
    expect_wiped();
    report = rig_json(&run);
    assert_string_not_equal(json_string_value(json_object_get(
                                json_object_get(report, "credential"), "wipe")),
                            "gone");
    json_decref(report);
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(foreign_file_is_left_alone_and_is_in_nobodys_way),
        TEST(hard_link_is_removed_first),
        TEST(file_that_is_open_is_closed_first),
        TEST(exposed_file_is_mended_first),
        TEST(shorter_file_is_removed_by_hand),
        TEST(file_whose_directory_is_away_is_not_gone),
        TEST(directory_that_is_made_anew_has_lost_it),
        TEST(file_that_is_away_is_given_up),
        TEST(file_that_is_away_is_given_up_with_the_machine),
        RIG_CASE(kill_between_two_files_loses_no_outcome, start_killing),
    };

    return rig_case_main(argc, argv, tests);
}
