/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/credfile_mend.h: the command in the message mends the file, and
 * is nothing but that command, whatever the file is called. */
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

#include "keystore/file/credfile.h"
#include "keystore/file/credfile_mend.h"
#include "tests/unit/keystore/file/credfile_case.h"
#include "tests/unit/keystore/file/place.h"

#define OTHER_USER 4711

/* Refused, and not any more after the command that the message ends with. */
static void
check_mends(const char *name, const char *command)
{
    const char *found;

    assert_int_equal(try_name(name), KS_ERR_FILE_EXPOSED);
    found = strstr(cause.text, command);
    assert_non_null(found);
    assert_int_equal(system(found), 0);
    assert_int_equal(try_name(name), KS_OK);
}

static void
mode_is_mended(void **state)
{
    static const char *const names[] = {"lab1_Wed Jul 22 2020.VaultCredentials",
                                        "it's", "';touch made;'",
                                        "$(touch made)", "-R"};

    (void)state;
    assert_int_equal(chdir(place_path("")), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        place_write(names[i], "x", 1, 0644);
        check_mends(names[i], "chmod 600 ");
    }
    assert_false(place_exists("made"));
    assert_int_equal(chdir("/"), 0);
}

static void
directory_is_mended(void **state)
{
    (void)state;
    place_directory("up there", 0700);
    place_directory("up there/down", 0700);
    place_write("up there/down/file", "x", 1, 0600);
    place_mode("up there", 0777);
    check_mends("up there/down/file", "chmod go-w ");
    place_mode("up there/down", 0720);
    check_mends("up there/down/file", "chmod go-w ");
}

static void
owner_is_named_with_the_command(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    place_write("file", "x", 1, 0600);
    assert_int_equal(chown(place_path("file"), OTHER_USER, 0), 0);
    assert_int_equal(try_name("file"), KS_ERR_FILE_EXPOSED);
    assert_non_null(strstr(cause.text, "user 4711: sudo chown "));
    assert_non_null(strstr(cause.text, place_path("file")));
}

/* Half a path would be another file's. */
static void
path_that_would_not_come_through_is_left_out(void **state)
{
    char path[sizeof cause.text + 1];

    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    for (size_t length = sizeof path - 1; length > 0; length--) {
        path[length] = '\0';
        (void)err_set(&cause, KS_OK, "mode");
        credfile_mend(&cause, "chmod 600", path);
        if (strstr(cause.text, path) == NULL)
            assert_string_equal(cause.text, "mode: chmod 600 FILE");
        else
            assert_int_equal(strlen(cause.text),
                             strlen("mode: chmod 600 ''") + length);
    }
    (void)err_set(&cause, KS_OK, "mode");
    credfile_mend(&cause, "chmod 600", "/tmp/Gew\xc3\xb6lbe");
    assert_string_equal(cause.text, "mode: chmod 600 FILE");
    (void)err_set(&cause, KS_OK, "mode");
    credfile_mend(&cause, "chmod 600", "/tmp/a\nb");
    assert_string_equal(cause.text, "mode: chmod 600 FILE");
    (void)err_set(&cause, KS_OK, "mode");
    credfile_mend(&cause, "chmod 600", "/tmp/a; b");
    assert_string_equal(cause.text, "mode: chmod 600 FILE");
    memset(cause.text, 'x', sizeof cause.text - 1);
    credfile_mend(&cause, "chmod 600", "/tmp/a");
    assert_int_equal(strlen(cause.text), sizeof cause.text - 1);
    credfile_mend(NULL, "chmod 600", "/tmp/a");
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)
    const struct CMUnitTest tests[] = {
        TEST(path_that_would_not_come_through_is_left_out),
        TEST(mode_is_mended),
        TEST(directory_is_mended),
        TEST(owner_is_named_with_the_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
