/* SPDX-License-Identifier: Apache-2.0 */
/* agent/holdfast/state/place.h: places that others can change, refused before
 * anything is made there, and those that are as good as ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/state/state.h"
#include "agent/holdfast/state/place.h"
#include "tests/support/own_directory.h"

#define OTHER_USER 4711

static struct err_cause cause;

static void
make(const char *name, mode_t mode)
{
    assert_int_equal(mkdir(own_directory_path(name), 0700), 0);
    assert_int_equal(chmod(own_directory_path(name), mode), 0);
}

static enum ks_err
try(const char *name)
{
    int held = -1;
    enum ks_err rc = state_place_open(own_directory_path(name), true, &held,
                                      &cause);

    assert_true((rc == KS_OK) == (held >= 0));
    if (held >= 0)
        (void)close(held);
    return rc;
}

static void
directory_that_others_may_write_to_is_refused(void **state)
{
    static const mode_t modes[] = {0720, 0702, 0777, 01777};
    struct state *opened = NULL;

    (void)state;
    make("d", 0700);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(own_directory_path("d"), modes[i]), 0);
        assert_int_equal(
            state_open(own_directory_path("d"), true, &opened, &cause),
            KS_ERR_STATE_EXPOSED);
        assert_non_null(strstr(cause.text, "chmod go-w '"));
        assert_null(opened);
        assert_int_not_equal(access(own_directory_path("d/lock"), F_OK), 0);
    }
    assert_int_equal(chmod(own_directory_path("d"), 0755), 0);
    assert_int_equal(try("d"), KS_OK);
}

/* Who can give its name to another directory chooses the state. */
static void
way_that_others_may_write_to_is_refused(void **state)
{
    (void)state;
    make("way", 0777);
    assert_int_equal(try("way/d"), KS_ERR_STATE_EXPOSED);
    assert_int_equal(try("way/more/d"), KS_ERR_STATE_EXPOSED);
    assert_int_not_equal(access(own_directory_path("way/d"), F_OK), 0);
    assert_int_not_equal(access(own_directory_path("way/more"), F_OK), 0);
    assert_int_equal(chmod(own_directory_path("way"), 01777), 0);
    assert_int_equal(try("way/d"), KS_OK);
}

/* The link is ours, and where it leads is not. */
static void
link_into_what_others_may_write_to_is_refused(void **state)
{
    (void)state;
    make("way", 0700);
    make("way/d", 0700);
    assert_int_equal(
        symlink(own_directory_path("way/d"), own_directory_path("link")), 0);
    assert_int_equal(try("link"), KS_OK);
    assert_int_equal(chmod(own_directory_path("way"), 0777), 0);
    assert_int_equal(try("link"), KS_ERR_STATE_EXPOSED);
}

static void
what_others_own_is_refused(void **state)
{
    static const char *const names[] = {"way", "way/d", "way/d/keys",
                                        "way/d/state.json"};

    (void)state;
    if (geteuid() != 0)
        skip();
    make("way", 0700);
    make("way/d", 0700);
    make("way/d/keys", 0700);
    (void)close(open(own_directory_path("way/d/state.json"),
                     O_CREAT | O_CLOEXEC | O_WRONLY, 0600));
    assert_int_equal(try("way/d"), KS_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(chown(own_directory_path(names[i]), OTHER_USER, 0), 0);
        assert_int_equal(try("way/d"), KS_ERR_STATE_EXPOSED);
        assert_non_null(strstr(cause.text, "belongs to user 4711"));
        assert_int_equal(chown(own_directory_path(names[i]), 0, 0), 0);
    }
    assert_int_equal(
        symlink(own_directory_path("way/d"), own_directory_path("link")), 0);
    assert_int_equal(try("link"), KS_OK);
    assert_int_equal(lchown(own_directory_path("link"), OTHER_USER, 0), 0);
    assert_int_equal(try("link"), KS_ERR_STATE_EXPOSED);
}

static void
files_that_others_can_change_are_refused(void **state)
{
    static const char *const names[] = {"d/state.json", "d/state.json.new",
                                        "d/lock", "d/pin-refused"};
    static const char *const directories[] = {"d/keys", "d/cache"};

    (void)state;
    make("d", 0700);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int fd = open(own_directory_path(names[i]),
                      O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(fchmod(fd, 0620), 0);
        assert_int_equal(try("d"), KS_ERR_STATE_EXPOSED);
        assert_int_equal(fchmod(fd, 0644), 0);
        assert_int_equal(try("d"), KS_OK);
        (void)close(fd);
    }
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        make(directories[i], 0702);
        assert_int_equal(try("d"), KS_ERR_STATE_EXPOSED);
        assert_int_equal(chmod(own_directory_path(directories[i]), 0700), 0);
        assert_int_equal(try("d"), KS_OK);
    }
}

static void
missing_directories_are_made_if_asked(void **state)
{
    struct stat status;
    int held = -1;

    (void)state;
    assert_int_equal(
        state_place_open(own_directory_path("a/b"), false, &held, &cause),
        KS_ERR_NOT_REGISTERED);
    assert_int_not_equal(access(own_directory_path("a"), F_OK), 0);
    assert_int_equal(try("a/b/"), KS_OK);
    assert_int_equal(stat(own_directory_path("a/b"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
}

/* A name without a slash, as people type it. */
static void
relative_path_is_taken(void **state)
{
    int held = -1;

    (void)state;
    assert_int_equal(chdir(directory), 0);
    assert_int_equal(state_place_open("here", true, &held, &cause), KS_OK);
    (void)close(held);
    assert_int_equal(access(own_directory_path("here"), F_OK), 0);
    assert_int_equal(chmod(directory, 0777), 0);
    assert_int_equal(state_place_open("here", true, &held, &cause),
                     KS_ERR_STATE_EXPOSED);
    assert_int_equal(chdir("/"), 0);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, own_directory_make,                  \
                                    own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(directory_that_others_may_write_to_is_refused),
        TEST(way_that_others_may_write_to_is_refused),
        TEST(link_into_what_others_may_write_to_is_refused),
        TEST(what_others_own_is_refused),
        TEST(files_that_others_can_change_are_refused),
        TEST(missing_directories_are_made_if_asked),
        TEST(relative_path_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
