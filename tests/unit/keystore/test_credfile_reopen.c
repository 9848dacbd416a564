/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credfile.h: a file is known again after a crash, and no other one
 * is taken for it. */
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

#include "keystore/credfile.h"
#include "place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)

static struct err_cause cause;

/* Make the file and open it once; what identifies it. */
static struct credfile_identity
write_and_identify(void)
{
    struct credfile_identity identity = {.sha256 = {0x5a}};
    struct credfile *file = NULL;

    place_write("file", "a credential", 12, 0600);
    assert_int_equal(credfile_open(place_path("file"), &file, &cause), KS_OK);
    credfile_identify(file, &identity);
    credfile_close(&file);
    return identity;
}

static enum ks_err
try_again(const struct credfile_identity *identity)
{
    struct credfile *file = NULL;
    enum ks_err rc = credfile_reopen(place_path("file"), identity, &file,
                                     &cause);

    assert_true((rc == KS_OK) == (file != NULL));
    credfile_close(&file);
    return rc;
}

static void
file_that_is_gone_is_missing(void **state)
{
    struct credfile_identity identity = write_and_identify();

    (void)state;
    assert_int_equal(unlink(place_path("file")), 0);
    assert_int_equal(try_again(&identity), KS_ERR_FILE_MISSING);
}

/* The same bytes under the same name, but not the same file */
static void
copy_in_its_place_is_another(void **state)
{
    struct credfile_identity identity = write_and_identify();

    (void)state;
    place_write("copy", "a credential", 12, 0600);
    assert_int_equal(rename(place_path("copy"), place_path("file")), 0);
    assert_int_equal(try_again(&identity), KS_ERR_FILE_KIND);
}

static void
every_part_of_the_identity_counts(void **state)
{
    const struct credfile_identity identity = write_and_identify();
    struct credfile_identity other = identity;

    (void)state;
    assert_int_equal(try_again(&identity), KS_OK);
    other.device++;
    assert_int_equal(try_again(&other), KS_ERR_FILE_KIND);
    other = identity;
    other.inode++;
    assert_int_equal(try_again(&other), KS_ERR_FILE_KIND);
    other = identity;
    other.size++;
    assert_int_equal(try_again(&other), KS_ERR_FILE_KIND);
}

static void
rules_hold_the_second_time_too(void **state)
{
    struct credfile_identity identity = write_and_identify();
    int other;

    (void)state;
    place_mode("file", 0640);
    assert_int_equal(try_again(&identity), KS_ERR_FILE_EXPOSED);
    place_mode("file", 0600);
    other = open(place_path("file"), O_RDONLY | O_CLOEXEC);
    assert_true(other >= 0);
    assert_int_equal(try_again(&identity), KS_ERR_FILE_BUSY);
    (void)close(other);
    assert_int_equal(link(place_path("file"), place_path("second")), 0);
    assert_int_equal(try_again(&identity), KS_ERR_FILE_KIND);
}

/* A wipe explains one other size, and the file's mode explains none. */
static void
size_may_be_rounded_up_and_be_no_other(void **state)
{
    struct credfile_identity identity = write_and_identify();
    struct stat status;

    (void)state;
    assert_int_equal(stat(place_path("file"), &status), 0);
    place_mode("file", 01600);
    assert_int_equal(truncate(place_path("file"), status.st_blksize), 0);
    assert_int_equal(try_again(&identity), KS_OK);
    assert_int_equal(truncate(place_path("file"), status.st_blksize - 1), 0);
    assert_int_equal(try_again(&identity), KS_ERR_FILE_KIND);
    assert_int_equal(truncate(place_path("file"), 12), 0);
    assert_int_equal(try_again(&identity), KS_OK);
}

static void
identity_is_what_the_system_says(void **state)
{
    struct credfile_identity identity = write_and_identify();
    struct stat status;

    (void)state;
    assert_int_equal(stat(place_path("file"), &status), 0);
    assert_int_equal(identity.device, status.st_dev);
    assert_int_equal(identity.inode, status.st_ino);
    assert_int_equal(identity.size, 12);
    assert_int_equal(identity.sha256[0], 0x5a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(file_that_is_gone_is_missing),
        TEST(copy_in_its_place_is_another),
        TEST(every_part_of_the_identity_counts),
        TEST(rules_hold_the_second_time_too),
        TEST(size_may_be_rounded_up_and_be_no_other),
        TEST(identity_is_what_the_system_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
