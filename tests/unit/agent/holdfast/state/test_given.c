/* SPDX-License-Identifier: Apache-2.0 */
/* agent/holdfast/state/given.h: files of several attempts, each once, and as
 * many as the state has room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/state/given.h"
#include "agent/holdfast/state/state.h"
#include "tests/support/own_directory.h"

static struct err_cause cause;
static struct state *state;

static int
setup(void **unused)
{
    (void)own_directory_make(unused);
    assert_int_equal(state_open(directory, true, &state, &cause), KS_OK);
    return 0;
}

static int
teardown(void **unused)
{
    state_close(&state);
    return own_directory_remove(unused);
}

static void
save_and_open_again(void)
{
    assert_int_equal(state_save(state, STATE_IMPORTING, &cause), KS_OK);
    state_close(&state);
    assert_int_equal(state_open(directory, false, &state, &cause), KS_OK);
}

typedef enum ks_err giver(struct state *state, const struct state_given *given,
                          struct err_cause *cause);

/* A file with this path and inode, whose content is of this kind. */
static enum ks_err
hand(giver *to, const char *path, uint64_t inode, uint8_t content)
{
    uint8_t sha256[32] = {content};
    const struct state_given given = {.path = path,
                                      .device = 7,
                                      .inode = inode,
                                      .size = 12,
                                      .sha256 = sha256};

    return to(state, &given, &cause);
}

static enum ks_err
give(const char *path, uint64_t inode, uint8_t content)
{
    return hand(state_given_put, path, inode, content);
}

static enum ks_err
add(const char *path, uint64_t inode, uint8_t content)
{
    return hand(state_given_add, path, inode, content);
}

static void
expect_path(size_t number, const char *path)
{
    assert_string_equal(state_given_text(state, number, STATE_FILE_PATH), path);
}

static void
newest_is_first_and_nothing_is_lost(void **unused)
{
    uint8_t sha256[32];

    (void)unused;
    for (uint8_t i = 1; i <= 3; i++) {
        char path[] = {'/', (char)('a' + i), '\0'};

        assert_int_equal(give(path, i, i), KS_OK);
        save_and_open_again();
    }
    assert_int_equal(state_given_count(state), 3);
    for (size_t i = 0; i < 3; i++) {
        char path[] = {'/', (char)('d' - i), '\0'};

        expect_path(i, path);
        assert_int_equal(state_given_number(state, i, STATE_FILE_INODE), 3 - i);
        assert_int_equal(state_given_number(state, i, STATE_FILE_DEVICE), 7);
        assert_int_equal(state_given_number(state, i, STATE_FILE_SIZE), 12);
        assert_true(state_given_bytes(state, i, STATE_FILE_SHA256, sha256,
                                      sizeof sha256));
        assert_int_equal(sha256[0], 3 - i);
    }
}

static void
same_file_is_there_once(void **unused)
{
    (void)unused;
    assert_int_equal(give("/a", 1, 1), KS_OK);
    assert_int_equal(give("/a", 1, 1), KS_OK);
    assert_int_equal(state_given_count(state), 1);
    assert_int_equal(give("/b", 2, 2), KS_OK);
    assert_int_equal(give("/a", 1, 1), KS_OK);
    assert_int_equal(state_given_count(state), 2);
    expect_path(0, "/a");
    expect_path(1, "/b");
}

/* Each may be all that is left of a key: none stands for another. */
static void
other_content_or_place_is_another_file(void **unused)
{
    (void)unused;
    assert_int_equal(give("/a", 1, 1), KS_OK);
    assert_int_equal(give("/a", 1, 2), KS_OK);
    assert_int_equal(give("/a", 2, 2), KS_OK);
    assert_int_equal(state_given_count(state), 3);
}

static void
outcome_is_that_of_one_file(void **unused)
{
    (void)unused;
    assert_int_equal(give("/a", 1, 1), KS_OK);
    assert_int_equal(give("/b", 2, 2), KS_OK);
    state_given_set_text(state, 1, STATE_WIPE_OUTCOME, "gone");
    save_and_open_again();
    assert_string_equal(state_given_text(state, 1, STATE_WIPE_OUTCOME), "gone");
    assert_string_equal(state_given_text(state, 0, STATE_WIPE_OUTCOME), "");
    assert_string_equal(state_text(state, STATE_WIPE_OUTCOME), "");
}

/* Or a file would count as wiped that nobody has looked at. */
static void
file_that_is_given_is_not_wiped_yet(void **unused)
{
    const uint8_t hash[32] = {1};

    (void)unused;
    for (uint8_t content = 1; content <= 2; content++) {
        assert_int_equal(give("/a", 1, 1), KS_OK);
        state_given_set_text(state, 0, STATE_WIPE_OUTCOME, "gone");
        state_given_set_text(state, 0, STATE_WIPE_DETAIL, "it was");
        state_given_set_bytes(state, 0, STATE_FILE_MARK, hash, sizeof hash);
        assert_int_equal(give("/b", 1, content), KS_OK);
        save_and_open_again();
        assert_int_equal(state_given_count(state), content);
        expect_path(0, "/b");
        assert_string_equal(state_text(state, STATE_WIPE_OUTCOME), "");
        assert_string_equal(state_text(state, STATE_WIPE_DETAIL), "");
        assert_string_equal(state_text(state, STATE_FILE_MARK), "");
    }
    expect_path(1, "/a");
    assert_string_equal(state_given_text(state, 1, STATE_WIPE_OUTCOME), "gone");
    assert_string_not_equal(state_given_text(state, 1, STATE_FILE_MARK), "");
}

/* Number 0 is what the machine was registered with. */
static void
added_file_leaves_the_last_in_its_place(void **unused)
{
    (void)unused;
    assert_int_equal(give("/a", 1, 1), KS_OK);
    assert_int_equal(add("/b", 2, 2), KS_OK);
    assert_int_equal(add("/c", 3, 3), KS_OK);
    save_and_open_again();
    assert_int_equal(state_given_count(state), 3);
    expect_path(0, "/a");
    expect_path(1, "/c");
    expect_path(2, "/b");
    assert_int_equal(state_given_number(state, 1, STATE_FILE_INODE), 3);
}

static void
added_file_that_was_given_is_followed(void **unused)
{
    (void)unused;
    assert_int_equal(give("/a", 1, 1), KS_OK);
    assert_int_equal(give("/b", 2, 2), KS_OK);
    state_given_set_text(state, 1, STATE_WIPE_OUTCOME, "gone");
    assert_int_equal(add("/moved", 1, 1), KS_OK);
    assert_int_equal(add("/too", 2, 2), KS_OK);
    save_and_open_again();
    assert_int_equal(state_given_count(state), 2);
    expect_path(0, "/too");
    expect_path(1, "/moved");
    assert_string_equal(state_given_text(state, 1, STATE_WIPE_OUTCOME), "");
}

/* The longest paths that there are must be durable, too. */
static void
too_many_are_refused_and_none_is_dropped(void **unused)
{
    char path[4096];

    (void)unused;
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    for (uint8_t i = 0; i <= STATE_GIVEN_EARLIER_MAX; i++)
        assert_int_equal(give(path, i, i), KS_OK);
    assert_int_equal(give("/more", 100, 100), KS_ERR_UNFINISHED);
    assert_int_equal(add("/more", 100, 100), KS_ERR_UNFINISHED);
    assert_int_equal(state_given_count(state), STATE_GIVEN_EARLIER_MAX + 1);
    expect_path(0, path);
    assert_int_equal(give(path, 0, 0), KS_OK);
    assert_int_equal(state_given_count(state), STATE_GIVEN_EARLIER_MAX + 1);
    save_and_open_again();
    assert_int_equal(state_given_count(state), STATE_GIVEN_EARLIER_MAX + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(newest_is_first_and_nothing_is_lost),
        TEST(same_file_is_there_once),
        TEST(other_content_or_place_is_another_file),
        TEST(outcome_is_that_of_one_file),
        TEST(file_that_is_given_is_not_wiped_yet),
        TEST(added_file_leaves_the_last_in_its_place),
        TEST(added_file_that_was_given_is_followed),
        TEST(too_many_are_refused_and_none_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
