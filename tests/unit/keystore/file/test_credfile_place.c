/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/credfile_place.h: a file is gone only where its directory is
 * there without it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/file/credfile_place.h"
#include "tests/unit/keystore/file/place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)

static uint64_t device;

static enum credfile_place
look(void)
{
    return credfile_place(place_path("directory/file"), device);
}

static void
write_and_identify(void)
{
    struct stat status;

    place_directory("directory", 0700);
    place_write("directory/file", "a credential", 12, 0600);
    assert_int_equal(stat(place_path("directory/file"), &status), 0);
    device = status.st_dev;
    assert_int_equal(look(), CREDFILE_NAMED);
}

static void
file_without_its_name_is_gone(void **state)
{
    (void)state;
    write_and_identify();
    assert_int_equal(unlink(place_path("directory/file")), 0);
    assert_int_equal(look(), CREDFILE_GONE);
}

/* One that is deleted may leave its inode to it. */
static void
whatever_has_the_name_is_to_be_looked_at(void **state)
{
    (void)state;
    write_and_identify();
    assert_int_equal(unlink(place_path("directory/file")), 0);
    assert_int_equal(symlink("nowhere", place_path("directory/file")), 0);
    assert_int_equal(look(), CREDFILE_NAMED);
}

static void
file_whose_directory_is_missing_is_away(void **state)
{
    (void)state;
    write_and_identify();
    assert_int_equal(rename(place_path("directory"), place_path("moved")), 0);
    assert_int_equal(look(), CREDFILE_AWAY);
    place_write("directory", "x", 1, 0600);
    assert_int_equal(look(), CREDFILE_AWAY);
    assert_int_equal(unlink(place_path("directory")), 0);
    assert_int_equal(rename(place_path("moved"), place_path("directory")), 0);
    assert_int_equal(look(), CREDFILE_NAMED);
}

/* As where its disk is not mounted, and the directory of the mount is there. */
static void
file_of_another_device_is_away(void **state)
{
    (void)state;
    write_and_identify();
    device++;
    assert_int_equal(look(), CREDFILE_NAMED);
    assert_int_equal(unlink(place_path("directory/file")), 0);
    assert_int_equal(look(), CREDFILE_AWAY);
}

static int
look_unprivileged(void)
{
    return (int)look();
}

static void
file_that_cannot_be_looked_at_is_away(void **state)
{
    (void)state;
    write_and_identify();
    assert_int_equal(unlink(place_path("directory/file")), 0);
    place_give();
    assert_int_equal(place_unprivileged(look_unprivileged), CREDFILE_GONE);
    place_mode("directory", 0);
    assert_int_equal(place_unprivileged(look_unprivileged), CREDFILE_AWAY);
    place_mode("directory", 0700);
}

/* Its directory has a name that ends where the file's begins. */
static void
file_in_the_root_directory_is_gone(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(stat("/", &status), 0);
    device = status.st_dev;
    assert_int_equal(credfile_place("/no such holdfast file", device),
                     CREDFILE_GONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(file_without_its_name_is_gone),
        TEST(whatever_has_the_name_is_to_be_looked_at),
        TEST(file_whose_directory_is_missing_is_away),
        TEST(file_of_another_device_is_away),
        TEST(file_that_cannot_be_looked_at_is_away),
        TEST(file_in_the_root_directory_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
