/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/credfile.h: a file is known again after a crash, and no other
 * one is taken for it. */
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

#include "keystore/file/credfile_internal.h"
#include "tests/unit/keystore/file/place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)
#define LARGEST (256 * 1024)

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
inode_and_least_size_count(void **state)
{
    const struct credfile_identity identity = write_and_identify();
    struct credfile_identity other = identity;

    (void)state;
    assert_int_equal(try_again(&identity), KS_OK);
    other.inode++;
    assert_int_equal(try_again(&other), KS_ERR_FILE_KIND);
    other = identity;
    other.size++;
    assert_int_equal(try_again(&other), KS_ERR_FILE_KIND);
}

/* As after a restart, with disks found in another order. */
static void
device_may_have_another_number(void **state)
{
    struct credfile_identity identity = write_and_identify();

    (void)state;
    identity.device++;
    assert_int_equal(try_again(&identity), KS_OK);
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
    assert_string_equal(cause.text, "it has 2 hard links; remove the others");
    assert_int_equal(unlink(place_path("second")), 0);
    assert_int_equal(try_again(&identity), KS_OK);
}

/* A wipe that was cut short while it made the file longer, and an editor before
 * it, leave any size. */
static void
every_size_that_a_wipe_can_leave_is_known(void **state)
{
    struct credfile_identity identity = write_and_identify();
    struct stat status;

    (void)state;
    assert_int_equal(stat(place_path("file"), &status), 0);
    place_mode("file", 01600); /* which says nothing */
    for (off_t size = 12; size <= status.st_blksize + 1; size++) {
        assert_int_equal(truncate(place_path("file"), size), 0);
        assert_int_equal(try_again(&identity), KS_OK);
    }
    assert_int_equal(truncate(place_path("file"), LARGEST), 0);
    assert_int_equal(try_again(&identity), KS_OK);
}

static void
size_that_no_wipe_leaves_is_said(void **state)
{
    static const struct {
        off_t size;
        const char *says;
    } cases[] = {{0, "it is shorter than it was; look at it"},
                 {11, "it is shorter than it was; look at it"},
                 {LARGEST + 1, "it has grown over 256 KiB; look at it"}};
    struct credfile_identity identity = write_and_identify();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(truncate(place_path("file"), cases[i].size), 0);
        assert_int_equal(try_again(&identity), KS_ERR_FILE_KIND);
        assert_non_null(strstr(cause.text, cases[i].says));
    }
}

/* A block of a network's file system may be larger than any credential: the
 * file that a wipe has begun on must be one that is opened again. */
static void
no_block_is_too_large_to_be_opened_again(void **state)
{
    struct stat status = {.st_blksize = 1 << 20};

    (void)state;
    assert_int_equal(credfile_whole_blocks(&status, 12), LARGEST);
    assert_int_equal(credfile_whole_blocks(&status, LARGEST), LARGEST);
    assert_int_equal(credfile_whole_blocks(&status, LARGEST + 1), LARGEST + 1);
    status.st_blksize = 4096;
    assert_int_equal(credfile_whole_blocks(&status, 5000), 8192);
}

/* Whatever it is and whoever may get at it: the way out is the same. */
static void
foreign_file_is_told_from_ours_first(void **state)
{
    struct credfile_identity identity = write_and_identify();

    (void)state;
    assert_int_equal(rename(place_path("file"), place_path("ours")), 0);
    for (int kind = 0; kind < 5; kind++) {
        switch (kind) {
        case 0:
            place_directory("file", 0700);
            break;
        case 1:
            assert_int_equal(mkfifo(place_path("file"), 0600), 0);
            break;
        case 2:
            assert_int_equal(symlink("ours", place_path("file")), 0);
            break;
        case 3:
            place_write("file", "", 0, 0600);
            break;
        default:
            place_write("file", "a credential", 12, 0666);
            break;
        }
        assert_int_equal(try_again(&identity), KS_ERR_FILE_KIND);
        assert_string_equal(cause.text,
                            "another file has its name now; move it away");
        assert_int_equal(remove(place_path("file")), 0);
    }
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
        TEST(inode_and_least_size_count),
        TEST(device_may_have_another_number),
        TEST(rules_hold_the_second_time_too),
        TEST(every_size_that_a_wipe_can_leave_is_known),
        TEST(size_that_no_wipe_leaves_is_said),
        TEST(no_block_is_too_large_to_be_opened_again),
        TEST(foreign_file_is_told_from_ours_first),
        TEST(identity_is_what_the_system_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
