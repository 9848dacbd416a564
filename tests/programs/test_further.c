/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is given to `register` when the machine has its certificate: no
 * key is needed from it, and there is one in it all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_state.h"

static char other[RIG_PATH];

/* As far as `registered`, and no further. */
static int
start(void **state)
{
    (void)rig_case_start_several(state);
    rig_use_helper(&rig, "holdfast-token", TOKEN_WITHOUT_PROOF);
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "it signs nothing");
    rig_use_helper(&rig, "holdfast-token", NULL);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "as far as \"registered\", and needs no file");
    assert_true(rig_exists(file));
    rig_download(&rig, "several", other);
    return 0;
}

static void
copy(const char *from, const char *to)
{
    size_t length;
    char *bytes = rig_read(from, &length);

    rig_write(to, bytes, length);
    free(bytes);
}

/* The registration's own file is FIRST, and EARLIER are beside it. */
static void
expect_registered(const char *given, const char *first, size_t earlier)
{
    json_t *report, *credential, *each;
    size_t i;

    rig_register(&rig, &run, given);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    credential = json_object_get(report, "credential");
    assert_string_equal(json_string_value(json_object_get(credential, "file")),
                        first);
    each = json_object_get(credential, "earlier_files");
    assert_int_equal(json_array_size(each), earlier);
    json_array_foreach(json_object_get(credential, "earlier_files"), i, each)
    {
        assert_non_null(json_object_get(each, "wipe"));
        assert_null(strstr(json_string_value(json_object_get(each, "wipe")),
                           "to come"));
    }
    json_decref(report);
    assert_false(rig_exists(given));
    assert_int_equal(rig_count_keys(&rig), 1);
}

static void
expect_wipe(const char *outcome, bool is)
{
    json_t *report = rig_json(&run);
    const char *wipe = json_string_value(
        json_object_get(json_object_get(report, "credential"), "wipe"));

    assert_non_null(wipe);
    assert_true((strcmp(wipe, outcome) == 0) == is);
    json_decref(report);
}

static void
moved_file_is_wiped_where_it_is(void **state)
{
    char moved[RIG_PATH + 8];

    (void)state;
    snprintf(moved, sizeof moved, "%s.moved", file);
    assert_int_equal(rename(file, moved), 0);
    expect_registered(moved, moved, 0);
    expect_wipe("gone", false);
}

static void
copy_is_wiped_too(void **state)
{
    char second[RIG_PATH + 8];

    (void)state;
    snprintf(second, sizeof second, "%s.again", file);
    copy(file, second);
    expect_registered(second, file, 1);
    assert_false(rig_exists(file));
}

static void
other_download_is_wiped_too(void **state)
{
    (void)state;
    expect_registered(other, file, 1);
    assert_false(rig_exists(file));
}

/* A download in the place of the one before: the name is free for neither until
 * the other is wiped. */
static void
download_in_its_place_is_wiped_too(void **state)
{
    char kept[RIG_PATH + 8];

    (void)state;
    snprintf(kept, sizeof kept, "%s.kept", file);
    assert_int_equal(rename(file, kept), 0);
    assert_int_equal(rename(other, file), 0);
    expect_registered(file, file, 1);
    expect_wipe("gone", true);
    assert_true(rig_exists(kept)); /* nobody told of it */
}

static void
file_on_standard_input_is_named(void **state)
{
    (void)state;
    rig_register_input(&rig, &run, other, "");
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "what it was read from"));
    assert_false(rig_exists(file));
}

static void
same_command_again_needs_no_file(void **state)
{
    (void)state;
    assert_int_equal(unlink(file), 0);
    expect_registered(file, file, 0);
    expect_wipe("gone", true);
}

/* Not read any more, as a wipe had begun with it; and moved since. */
static void
spoilt_file_that_was_moved_is_not_lost(void **state)
{
    char moved[RIG_PATH + 8];
    int fd = open(file, O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_int_equal(write(fd, "xxxx", 4), 4);
    (void)close(fd);
    snprintf(moved, sizeof moved, "%s.moved", file);
    assert_int_equal(rename(file, moved), 0);
    rig_register(&rig, &run, moved);
    rig_expect(&run, 10, moved);
    rig_expect(&run, 10, "look at it and remove it by hand");
    assert_true(rig_exists(moved));
    assert_int_equal(unlink(moved), 0);
    expect_registered(moved, moved, 0);
}

/* Each is refused for what it is, and nothing has changed. */
static void
what_is_no_file_of_the_vaults_is_refused(void **state)
{
    static const struct {
        const char *says;
        int status;
    } cases[] = {{"no such file", 66},
                 {"not a usable vault credentials file", 65},
                 {"not a plain file of its own", 66}};
    char path[RIG_PATH + 16], bad[RIG_PATH + 8];
    char *before, *after;

    (void)state;
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    snprintf(bad, sizeof bad, "%s.bad", file);
    before = rig_read(path, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (i == 1)
            rig_write(bad, "no credential", 13);
        if (i == 2) {
            assert_int_equal(unlink(bad), 0);
            assert_int_equal(symlink(other, bad), 0);
        }
        rig_register(&rig, &run, bad);
        rig_expect(&run, cases[i].status, cases[i].says);
    }
    after = rig_read(path, NULL);
    assert_string_equal(after, before);
    free(after);
    free(before);
    assert_true(rig_exists(file));
    assert_true(rig_exists(other));
}

static void
file_of_another_vault_is_refused(void **state)
{
    (void)state;
    rig_state_set(&rig, "vault", "1");
    rig_register(&rig, &run, other);
    rig_expect(&run, 65, "the file is for another vault");
    assert_true(rig_exists(other));
}

/* After the wipe nobody would come back to it. */
static void
file_after_the_wipe_is_said_to_stay(void **state)
{
    (void)state;
    expect_registered(file, file, 0);
    rig_register(&rig, &run, other);
    rig_expect(&run, 78, "the file stays as it is, with its key");
    rig_state_set(&rig, "receipt", "");
    rig_register(&rig, &run, other);
    rig_expect(&run, 64, "stays, with its key");
    assert_true(rig_exists(other));
    expect_registered(file, file, 0);
    assert_true(rig_exists(other));
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(moved_file_is_wiped_where_it_is),
        TEST(copy_is_wiped_too),
        TEST(other_download_is_wiped_too),
        TEST(download_in_its_place_is_wiped_too),
        TEST(file_on_standard_input_is_named),
        TEST(same_command_again_needs_no_file),
        TEST(spoilt_file_that_was_moved_is_not_lost),
        TEST(what_is_no_file_of_the_vaults_is_refused),
        TEST(file_of_another_vault_is_refused),
        TEST(file_after_the_wipe_is_said_to_stay),
    };

    return rig_case_main(argc, argv, tests);
}
