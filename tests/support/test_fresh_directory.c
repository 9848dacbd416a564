/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/fresh_directory.h"

static void
long_or_absent_parent_is_refused_and_nothing_named(void **state)
{
    char parent[2 * FRESH_DIRECTORY];
    char path[FRESH_DIRECTORY] = "/";

    (void)state;
    memset(parent, '/', sizeof parent - 1); /* the first half is a directory */
    parent[sizeof parent - 1] = '\0';
    assert_int_equal(setenv("TMPDIR", parent, 1), 0);
    assert_false(fresh_directory("test", path));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(path, "");
    assert_int_equal(setenv("TMPDIR", "/nonexistent", 1), 0);
    assert_false(fresh_directory("test", path));
    assert_int_equal(errno, ENOENT);
    assert_string_equal(path, "");
}

static void
assert_made_in(const char *parent)
{
    char path[FRESH_DIRECTORY];
    struct stat status;

    assert_true(fresh_directory("test", path));
    assert_memory_equal(path, parent, strlen(parent));
    assert_memory_equal(path + strlen(parent), "/test-", strlen("/test-"));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode, S_IFDIR | S_IRWXU);
    assert_int_equal(rmdir(path), 0);
}

static void
directory_is_in_tmpdir_or_tmp(void **state)
{
    char outer[FRESH_DIRECTORY];

    (void)state;
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_made_in("/tmp");
    assert_true(fresh_directory("outer", outer));
    assert_int_equal(setenv("TMPDIR", outer, 1), 0);
    assert_made_in(outer);
    assert_int_equal(setenv("TMPDIR", "relative", 1), 0);
    assert_made_in("/tmp");
    assert_int_equal(rmdir(outer), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_or_absent_parent_is_refused_and_nothing_named),
        cmocka_unit_test(directory_is_in_tmpdir_or_tmp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
