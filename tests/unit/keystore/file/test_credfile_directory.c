/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/credfile.h: the way to a file, which is as trustworthy as the
 * worst directory on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/file/credfile.h"
#include "tests/unit/keystore/file/credfile_case.h"
#include "tests/unit/keystore/file/place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)
#define OTHER_USER 4711

static void
symbolic_link_is_refused_wherever_it_stands(void **state)
{
    (void)state;
    place_directory("real", 0700);
    write_credential("real/file");
    assert_int_equal(symlink("real/file", place_path("link")), 0);
    assert_int_equal(symlink("real", place_path("way")), 0);
    assert_int_equal(symlink("none", place_path("dangling")), 0);
    assert_int_equal(try_name("real/file"), KS_OK);
    assert_int_equal(try_name("link"), KS_ERR_FILE_KIND);
    assert_non_null(strstr(cause.text, place_path("real/file")));
    assert_int_equal(try_name("way/file"), KS_ERR_FILE_KIND);
    assert_int_equal(try_name("way/../real/file"), KS_ERR_FILE_KIND);
    assert_int_equal(try_name("dangling"), KS_ERR_FILE_KIND);
}

static void
directory_is_refused(void **state)
{
    (void)state;
    place_directory("directory", 0700);
    write_credential("file");
    assert_int_equal(try_name("directory"), KS_ERR_FILE_KIND);
    assert_int_equal(try_name("directory/"), KS_ERR_FILE_KIND);
    assert_int_equal(try_name("directory/."), KS_ERR_FILE_KIND);
    assert_int_equal(try_name("directory/.."), KS_ERR_FILE_KIND);
    assert_int_equal(try_name("file/"), KS_ERR_FILE_KIND);
    assert_int_equal(try_path("/"), KS_ERR_FILE_KIND);
    assert_int_equal(try_path("."), KS_ERR_FILE_KIND);
}

static void
directory_that_others_may_write_to_exposes_it(void **state)
{
    static const struct {
        mode_t mode;
        enum ks_err rc;
    } cases[] = {{0777, KS_ERR_FILE_EXPOSED},
                 {0720, KS_ERR_FILE_EXPOSED},
                 {0702, KS_ERR_FILE_EXPOSED},
                 {01777, KS_OK},
                 {0755, KS_OK}};

    (void)state;
    place_directory("above", 0700);
    place_directory("above/directory", 0700);
    write_credential("above/directory/file");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        place_mode("above", cases[i].mode);
        assert_int_equal(try_name("above/directory/file"), cases[i].rc);
        place_mode("above", 0700);
        place_mode("above/directory", cases[i].mode);
        assert_int_equal(try_name("above/directory/file"), cases[i].rc);
        place_mode("above/directory", 0700);
    }
}

static void
foreign_directory_exposes_it(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    place_directory("directory", 0700);
    write_credential("directory/file");
    assert_int_equal(chown(place_path("directory"), OTHER_USER, 0), 0);
    assert_int_equal(try_name("directory/file"), KS_ERR_FILE_EXPOSED);
    assert_int_equal(setenv("SUDO_UID", "4711", 1), 0);
    assert_int_equal(try_name("directory/file"), KS_OK);
    assert_int_equal(unsetenv("SUDO_UID"), 0);
}

static int
open_in_directory(void)
{
    return (int)try_name("directory/file");
}

static void
directory_that_keeps_the_name_is_refused(void **state)
{
    (void)state;
    place_directory("directory", 0700);
    write_credential("directory/file");
    place_give();
    place_mode("directory", 0500);
    assert_int_equal(place_unprivileged(open_in_directory), KS_ERR_WIPE);
    place_mode("directory", 0600);
    assert_int_equal(place_unprivileged(open_in_directory), KS_ERR_PERMISSION);
    place_mode("directory", 0300);
    assert_int_equal(place_unprivileged(open_in_directory), KS_ERR_PERMISSION);
}

static void
path_becomes_absolute(void **state)
{
    struct credfile *file = NULL;

    (void)state;
    place_directory("a b", 0700);
    write_credential("a b/file");
    assert_int_equal(chdir(place_path("a b")), 0);
    for (size_t i = 0; i < 4; i++) {
        static const char *const ways[] = {"file", "./file", "../a b/file",
                                           ".//..//./a b/./file"};

        assert_int_equal(credfile_open(ways[i], &file, &cause), KS_OK);
        assert_string_equal(credfile_path(file), place_path("a b/file"));
        credfile_close(&file);
    }
    assert_int_equal(chdir("/"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(symbolic_link_is_refused_wherever_it_stands),
        TEST(directory_is_refused),
        TEST(directory_that_others_may_write_to_exposes_it),
        TEST(foreign_directory_exposes_it),
        TEST(directory_that_keeps_the_name_is_refused),
        TEST(path_becomes_absolute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
