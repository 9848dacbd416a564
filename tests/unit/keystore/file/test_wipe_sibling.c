/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/wipe_sibling.h: names that editors and browsers give to copies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/file/wipe_sibling.h"
#include "tests/unit/keystore/file/place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)

static const char name[] = "lab1_Wed Jul 22 2020.VaultCredentials";

static void
other_files_are_no_copies(void **state)
{
    static const char *const others[] = {
        "lab1_Wed Jul 22 2020.VaultCredentials",
        "lab2_Wed Jul 22 2020.VaultCredentials",
        "lab1_Wed Jul 22 2020.vaultcredentials~",
        "lab1_Wed Jul 22 2020.VaultCredentials2",
        "lab1_Wed Jul 22 2020.VaultCredentials~ ",
        "lab1_Wed Jul 22 2020.VaultCredential~",
        "lab1_Wed Jul 22 2020 (1.VaultCredentials",
        "lab1_Wed Jul 22 2020(1).VaultCredentials",
        "lab1_Wed Jul 22 2020 (1).txt",
        "lab1_Wed Jul 22 20200 (1).VaultCredentials",
        "#lab1_Wed Jul 22 2020.VaultCredentials",
        "lab1_Wed Jul 22 2020.VaultCredentials.swp",
        ".goutputstream",
        "~",
        ".bak",
        ""};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(wipe_sibling_is_copy(name, others[i]));
    assert_false(wipe_sibling_is_copy("a", "b (1)"));
    assert_false(wipe_sibling_is_copy(".x", " (1).x"));
}

static void
copies_are_known_by_their_names(void **state)
{
    static const char *const copies[] = {
        "lab1_Wed Jul 22 2020.VaultCredentials~",
        "lab1_Wed Jul 22 2020.VaultCredentials.~1~",
        ".lab1_Wed Jul 22 2020.VaultCredentials.swp",
        ".lab1_Wed Jul 22 2020.VaultCredentials.swo",
        ".lab1_Wed Jul 22 2020.VaultCredentials.un~",
        "#lab1_Wed Jul 22 2020.VaultCredentials#",
        "lab1_Wed Jul 22 2020.VaultCredentials.bak",
        "lab1_Wed Jul 22 2020.VaultCredentials.bak2",
        "lab1_Wed Jul 22 2020.VaultCredentials.orig",
        "lab1_Wed Jul 22 2020.VaultCredentials.old",
        "lab1_Wed Jul 22 2020.VaultCredentials.save.1",
        "lab1_Wed Jul 22 2020.VaultCredentials.part",
        "lab1_Wed Jul 22 2020.VaultCredentials.crdownload",
        "lab1_Wed Jul 22 2020 (1).VaultCredentials",
        "lab1_Wed Jul 22 2020 (12).VaultCredentials",
        "lab1_Wed Jul 22 2020 (copy).VaultCredentials",
        "lab1_Wed Jul 22 2020.VaultCredentials (1)",
        ".goutputstream-ABC123"};

    (void)state;
    for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++)
        assert_true(wipe_sibling_is_copy(name, copies[i]));
    assert_true(wipe_sibling_is_copy("file", "file (1)"));
    assert_true(wipe_sibling_is_copy(".hidden", ".hidden (1)"));
}

static int
open_place(void)
{
    int fd = open(place_path(""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

static void
directory_that_cannot_be_read_is_told(void **state)
{
    char list[64] = "untouched";

    (void)state;
    assert_false(wipe_sibling_list(-1, "file", list, sizeof list));
    assert_string_equal(list, "");
}

static void
only_plain_files_are_listed(void **state)
{
    char list[64];
    int fd = open_place();

    (void)state;
    place_directory("file~", 0700);
    assert_int_equal(symlink("file", place_path("file.bak")), 0);
    assert_int_equal(mkfifo(place_path("file.old"), 0600), 0);
    assert_true(wipe_sibling_list(fd, "file", list, sizeof list));
    assert_string_equal(list, "");
    place_write("file.orig", "", 0, 0600);
    assert_true(wipe_sibling_list(fd, "file", list, sizeof list));
    assert_string_equal(list, "file.orig");
    (void)close(fd);
}

static void
names_cannot_command_a_terminal(void **state)
{
    char list[64];
    int fd = open_place();

    (void)state;
    place_write("file.bak\033[2J\n", "", 0, 0600);
    assert_true(wipe_sibling_list(fd, "file", list, sizeof list));
    assert_string_equal(list, "file.bak?[2J?");
    (void)close(fd);
}

static void
names_that_do_not_fit_are_counted(void **state)
{
    char list[64];
    int fd = open_place();

    (void)state;
    for (int i = 10; i < 50; i++) {
        char copy[32];

        (void)snprintf(copy, sizeof copy, "file.bak%d", i);
        place_write(copy, "", 0, 0600);
    }
    assert_true(wipe_sibling_list(fd, "file", list, sizeof list));
    assert_int_equal(strncmp(list, "file.bak", 8), 0);
    assert_non_null(strstr(list, ", and 36 more"));
    assert_true(wipe_sibling_list(fd, "file", list, 20));
    assert_string_equal(list, "40 more");
    (void)close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_files_are_no_copies),
        TEST(directory_that_cannot_be_read_is_told),
        TEST(only_plain_files_are_listed),
        TEST(names_cannot_command_a_terminal),
        TEST(names_that_do_not_fit_are_counted),
        TEST(copies_are_known_by_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
