/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/base/path_way.h: ways that others can turn, and those that nobody
 * can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/base/path_way.h"
#include "tests/support/fresh_directory.h"

#define OTHER_USER 4711

static char place[FRESH_DIRECTORY];
static struct path_way way;

/* NAME in the place; valid until the fourth call after it. */
static const char *
path_of(const char *name)
{
    static char paths[4][PATH_MAX + FRESH_DIRECTORY + 1];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", place, name);
    return path;
}

static void
make(const char *name, mode_t mode)
{
    assert_int_equal(mkdir(path_of(name), 0700), 0);
    assert_int_equal(chmod(path_of(name), mode), 0);
}

static void
touch(const char *name, mode_t mode)
{
    int fd = open(path_of(name), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    (void)close(fd);
}

static void
join(const char *target, const char *link)
{
    assert_int_equal(symlink(target, path_of(link)), 0);
}

/* mine/file behind the link "way", and what leads to it. */
static int
setup(void **state)
{
    (void)state;
    if (!fresh_directory("way", place))
        return -1;
    make("mine", 0755);
    touch("mine/file", 0644);
    make("theirs", 0755);
    return 0;
}

static int
teardown(void **state)
{
    char command[FRESH_DIRECTORY + 16];

    (void)state;
    path_way_free(&way);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", place);
    return system(command);
}

static enum path_way_end
walk(const char *name)
{
    path_way_free(&way);
    path_way_walk(path_of(name), false, &way);
    return way.end;
}

static void
assert_ends_at(const char *name)
{
    char *real = realpath(place, NULL);
    char want[PATH_MAX];

    assert_non_null(real);
    (void)snprintf(want, sizeof want, "%s/%s", real, name);
    assert_string_equal(way.step, want);
    free(real);
}

static void
what_others_may_write_to_ends_it(void **state)
{
    (void)state;
    assert_int_equal(walk("mine/file"), PATH_WAY_WHOLE);
    assert_int_equal(chmod(path_of("mine/file"), 0664), 0);
    assert_int_equal(walk("mine/file"), PATH_WAY_OPEN);
    assert_ends_at("mine/file");
    assert_int_equal(chmod(path_of("mine"), 0757), 0);
    assert_int_equal(walk("mine/file"), PATH_WAY_OPEN);
    assert_ends_at("mine");
}

/* A link of ours into a directory of others, with a link of ours behind it to a
 * file that is in order: whoever may write there puts another in its place. */
static void
directory_between_links_ends_it(void **state)
{
    (void)state;
    join("theirs/middle", "first");
    join(path_of("mine/file"), "theirs/middle");
    assert_int_equal(walk("first"), PATH_WAY_WHOLE);
    assert_ends_at("mine/file");
    assert_int_equal(chmod(path_of("theirs"), 0777), 0);
    assert_int_equal(walk("first"), PATH_WAY_OPEN);
    assert_ends_at("theirs");
}

static void
what_others_own_ends_it(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    join("theirs/middle", "first");
    join("../mine/file", "theirs/middle");
    assert_int_equal(walk("first"), PATH_WAY_WHOLE);
    assert_int_equal(lchown(path_of("theirs/middle"), OTHER_USER, 0), 0);
    assert_int_equal(walk("first"), PATH_WAY_ANOTHERS);
    assert_ends_at("theirs/middle");
    assert_int_equal(way.status.st_uid, OTHER_USER);
    assert_int_equal(chown(path_of("theirs"), OTHER_USER, 0), 0);
    assert_int_equal(walk("first"), PATH_WAY_ANOTHERS);
    assert_ends_at("theirs");
}

/* Nobody replaces another's entry there, but anybody makes one. */
static void
sticky_directory_is_for_the_way_alone(void **state)
{
    (void)state;
    assert_int_equal(chmod(path_of("mine"), 01777), 0);
    assert_int_equal(walk("mine/file"), PATH_WAY_WHOLE);
    assert_int_equal(walk("mine"), PATH_WAY_WHOLE);
    path_way_free(&way);
    path_way_walk(path_of("mine/."), true, &way);
    assert_int_equal(way.end, PATH_WAY_OPEN);
    path_way_free(&way);
    path_way_walk(path_of("mine/file"), true, &way);
    assert_int_equal(way.end, PATH_WAY_WHOLE);
}

static void
what_is_missing_is_told(void **state)
{
    (void)state;
    assert_int_equal(walk("mine/none/more"), PATH_WAY_MISSING);
    assert_ends_at("mine/none");
    join("none", "dangling");
    assert_int_equal(walk("dangling"), PATH_WAY_MISSING);
    assert_ends_at("none");
    assert_int_equal(walk("mine/file/more"), PATH_WAY_FAILED);
    assert_int_equal(way.error, ENOTDIR);
}

static void
links_without_end_are_refused(void **state)
{
    (void)state;
    join("loop", "loop");
    assert_int_equal(walk("loop"), PATH_WAY_FAILED);
    assert_int_equal(way.error, ELOOP);
}

static void
longer_than_the_kernel_takes_is_refused(void **state)
{
    char name[PATH_MAX];

    (void)state;
    memset(name, '/', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    path_way_free(&way);
    path_way_walk(name, false, &way);
    assert_int_equal(way.end, PATH_WAY_WHOLE); /* the root */
    assert_string_equal(way.step, "/");
    memset(name, 'a', sizeof name - 1);
    assert_int_equal(walk(name), PATH_WAY_FAILED);
    assert_int_equal(way.error, ENAMETOOLONG);
    path_way_free(&way);
    path_way_walk("", false, &way);
    assert_int_equal(way.end, PATH_WAY_FAILED);
    assert_int_equal(way.error, ENOENT);
}

static void
names_are_read_as_the_kernel_reads_them(void **state)
{
    static const char *const names[] = {"mine/file", "mine//./file",
                                        "theirs/../mine/file", "up/mine/file",
                                        "here/file"};
    char here[PATH_MAX];

    (void)state;
    join("..", "theirs/up");
    join("theirs/up/", "up");
    join("mine/.", "here");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(walk(names[i]), PATH_WAY_WHOLE);
        assert_ends_at("mine/file");
    }
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(path_of("theirs")), 0);
    path_way_free(&way);
    path_way_walk("../mine/file", false, &way);
    assert_int_equal(chdir(here), 0);
    assert_int_equal(way.end, PATH_WAY_WHOLE);
    assert_ends_at("mine/file");
    path_way_free(&way);
    path_way_walk("/../..", false, &way);
    assert_string_equal(way.step, "/");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_others_may_write_to_ends_it),
        TEST(directory_between_links_ends_it),
        TEST(what_others_own_ends_it),
        TEST(sticky_directory_is_for_the_way_alone),
        TEST(what_is_missing_is_told),
        TEST(links_without_end_are_refused),
        TEST(longer_than_the_kernel_takes_is_refused),
        TEST(names_are_read_as_the_kernel_reads_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
