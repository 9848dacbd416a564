/* SPDX-License-Identifier: Apache-2.0 */
/* Paths to back up that are there, or are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/restic/source.h"
#include "tests/support/own_directory.h"

static struct err_cause cause;
static char said[512];

static int
start(void **state)
{
    (void)own_directory_make(state);
    assert_int_equal(
        close(open(own_directory_path("file"), O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(symlink("nowhere", own_directory_path("link")), 0);
    assert_int_equal(mkdir(own_directory_path("empty\x1b[2J"), 0700), 0);
    return 0;
}

/* With what goes to standard error in said. */
static enum ks_err
check(const char *const *paths, size_t count)
{
    int before = dup(STDERR_FILENO);
    int file = memfd_create("said", MFD_CLOEXEC);
    enum ks_err rc;
    ssize_t length;

    assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
    rc = source_check(paths, count, &cause);
    (void)fflush(stderr);
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    length = pread(file, said, sizeof said - 1, 0);
    said[length > 0 ? length : 0] = '\0';
    close(before);
    close(file);
    return rc;
}

static void
path_that_is_missing_is_named(void **state)
{
    const char *const missing[] = {own_directory_path("file"),
                                   own_directory_path("none")};
    const char *const through[] = {own_directory_path("file/none")};
    const char *const empty[] = {""};

    (void)state;
    assert_int_equal(check(missing, 2), KS_ERR_SOURCE);
    assert_non_null(strstr(cause.text, "/none: No such file or directory"));
    assert_int_equal(check(through, 1), KS_ERR_SOURCE);
    assert_int_equal(check(empty, 1), KS_ERR_SOURCE);
    assert_string_equal(said, "");
}

/* A link is backed up as a link, wherever it leads. */
static void
what_is_there_is_taken_in_silence(void **state)
{
    const char *const paths[] = {directory, own_directory_path("file"),
                                 own_directory_path("link")};

    (void)state;
    assert_int_equal(check(paths, 3), KS_OK);
    assert_string_equal(said, "");
}

static void
empty_directory_gets_a_warning(void **state)
{
    const char *const paths[] = {own_directory_path("empty\x1b[2J"), directory};

    (void)state;
    assert_int_equal(check(paths, 2), KS_OK);
    assert_non_null(strstr(said, "/empty?[2J is an empty directory"));
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, start, own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(path_that_is_missing_is_named),
        TEST(what_is_there_is_taken_in_silence),
        TEST(empty_directory_gets_a_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
