/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/wipe.h: what is overwritten, what is unlinked, what is left
 * alone, and that a report never says more than was done. */
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

#include "keystore/file/wipe.h"
#include "tests/unit/keystore/file/place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)
#define SIZE 10000
#define PROBE "-----SECRET-----"

static struct err_cause cause;
static const uint8_t mark[WIPE_MARK_LENGTH] = {0x3a, 0x91, 0x5c};
static uint8_t content[SIZE];
static uint8_t found[4 * SIZE];

/* A file full of PROBE under NAME, open */
static struct credfile *
open_credential(const char *name)
{
    struct credfile *file = NULL;

    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)PROBE[i % (sizeof PROBE - 1)];
    place_write(name, content, sizeof content, 0600);
    assert_int_equal(credfile_open(place_path(name), &file, &cause), KS_OK);
    return file;
}

/* What FD holds now, all of it, into FOUND */
static size_t
read_all(int fd)
{
    ssize_t length = pread(fd, found, sizeof found, 0);

    assert_true(length >= 0 && (size_t)length < sizeof found);
    return (size_t)length;
}

static bool
holds_probe(size_t length)
{
    return memmem(found, length, PROBE, sizeof PROBE - 1) != NULL;
}

static void
foreign_file_under_the_name_is_left_alone(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;
    struct stat status;

    (void)state;
    place_write("stranger", "not ours", 8, 0600);
    assert_int_equal(rename(place_path("file"), place_path("moved")), 0);
    assert_int_equal(rename(place_path("stranger"), place_path("file")), 0);
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_true(report.overwritten);
    assert_false(report.unlinked);
    assert_false(wipe_is_clean(&report));
    assert_true(*report.remains != '\0');
    assert_int_equal(stat(place_path("file"), &status), 0);
    assert_int_equal(status.st_size, 8);
    assert_false(holds_probe(read_all(credfile_reader(file))));
    credfile_close(&file);
}

static void
symbolic_link_under_the_name_is_left_alone(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;

    (void)state;
    assert_int_equal(rename(place_path("file"), place_path("moved")), 0);
    assert_int_equal(symlink("moved", place_path("file")), 0);
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_false(report.unlinked);
    assert_true(place_exists("file"));
    assert_true(place_exists("moved"));
    assert_false(holds_probe(read_all(credfile_reader(file))));
    credfile_close(&file);
}

static void
shortened_file_is_not_clean(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;

    (void)state;
    assert_int_equal(truncate(place_path("file"), 10), 0);
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_int_not_equal(report.medium.class, MEDIUM_IN_PLACE);
    assert_false(wipe_is_clean(&report));
    assert_false(place_exists("file"));
    credfile_close(&file);
}

/* The name stays, but the content must not. */
static int
wipe_in_a_locked_directory(void)
{
    struct credfile *file = NULL;
    struct wipe_report report;
    enum ks_err rc;
    int wrong;

    if (credfile_open(place_path("directory/file"), &file, &cause) != KS_OK)
        return 1;
    place_mode("directory", 0500);
    rc = wipe_file(file, mark, &report, &cause);
    wrong = (rc != KS_ERR_WIPE) << 1 | !report.overwritten << 2 |
            report.unlinked << 3 | wipe_is_clean(&report) << 4 |
            holds_probe(read_all(credfile_reader(file))) << 5;
    credfile_close(&file);
    return wrong;
}

static void
failure_to_unlink_is_reported(void **state)
{
    struct credfile *file;

    (void)state;
    place_directory("directory", 0700);
    file = open_credential("directory/file");
    credfile_close(&file);
    place_give();
    assert_int_equal(place_unprivileged(wipe_in_a_locked_directory), 0);
    assert_true(place_exists("directory/file"));
}

static void
copies_beside_it_are_named_and_left_alone(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;

    (void)state;
    place_write("file~", "x", 1, 0600);
    place_write(".file.swp", "x", 1, 0600);
    place_write("unrelated", "x", 1, 0600);
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_true(report.unlinked);
    assert_non_null(strstr(report.remains, "file~"));
    assert_non_null(strstr(report.remains, ".file.swp"));
    assert_null(strstr(report.remains, "unrelated"));
    assert_false(wipe_is_clean(&report));
    assert_true(place_exists("file~"));
    assert_true(place_exists(".file.swp"));
    credfile_close(&file);
}

static void
only_a_whole_wipe_is_clean(void **state)
{
    const struct wipe_report clean = {.medium = {.class = MEDIUM_IN_PLACE},
                                      .overwritten = true,
                                      .unlinked = true};
    struct wipe_report report = clean;

    (void)state;
    assert_true(wipe_is_clean(&report));
    report.overwritten = false;
    assert_false(wipe_is_clean(&report));
    report = clean;
    report.unlinked = false;
    assert_false(wipe_is_clean(&report));
    report = clean;
    report.medium.class = MEDIUM_RESIDUE;
    assert_false(wipe_is_clean(&report));
    report.medium.class = MEDIUM_REMOTE;
    assert_false(wipe_is_clean(&report));
    report = clean;
    (void)strcpy(report.remains, "file~");
    assert_false(wipe_is_clean(&report));
}

static void
content_is_random_to_the_last_block(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;
    struct stat status;
    size_t length;
    size_t zeros = 0;

    (void)state;
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_true(report.overwritten);
    assert_true(report.unlinked);
    assert_false(place_exists("file"));
    length = read_all(credfile_reader(file));
    assert_int_equal(fstat(credfile_reader(file), &status), 0);
    assert_int_equal(status.st_nlink, 0);
    assert_true(length >= SIZE);
    assert_int_equal(length % (size_t)status.st_blksize, 0);
    assert_false(holds_probe(length));
    /* one in 256 is to be expected */
    for (size_t i = 0; i < length; i++)
        zeros += found[i] == 0;
    assert_true(zeros < length / 64);
    credfile_close(&file);
}

static void
mark_is_what_it_begins_with(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;

    (void)state;
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_true(read_all(credfile_reader(file)) >= SIZE);
    assert_memory_equal(found, mark, sizeof mark);
    credfile_close(&file);
}

/* A wipe that goes on where another was cut short. */
static void
mark_that_is_there_stays(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;
    int other = open(place_path("file"), O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_int_equal(write(other, mark, sizeof mark), sizeof mark);
    (void)close(other);
    assert_int_equal(wipe_file(file, NULL, &report, &cause), KS_OK);
    assert_true(report.overwritten && report.unlinked);
    assert_false(holds_probe(read_all(credfile_reader(file))));
    assert_memory_equal(found, mark, sizeof mark);
    credfile_close(&file);
}

static void
verdict_is_the_mediums(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;
    struct medium medium;

    (void)state;
    assert_int_equal(medium_survey(credfile_reader(file), &medium, &cause),
                     KS_OK);
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_int_equal(report.medium.class, medium.class);
    assert_string_equal(report.medium.name, medium.name);
    assert_true(wipe_is_clean(&report) == (medium.class == MEDIUM_IN_PLACE));
    credfile_close(&file);
}

/* An editor may have made it longer since it was opened. */
static void
grown_file_is_wiped_whole(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;
    int other = open(place_path("file"), O_WRONLY | O_APPEND | O_CLOEXEC);

    (void)state;
    assert_int_equal(write(other, content, sizeof content), SIZE);
    (void)close(other);
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_true(read_all(credfile_reader(file)) >= 2 * (size_t)SIZE);
    assert_false(holds_probe(2 * (size_t)SIZE));
    credfile_close(&file);
}

static void
file_that_lost_its_name_is_overwritten_still(void **state)
{
    struct credfile *file = open_credential("file");
    struct wipe_report report;

    (void)state;
    assert_int_equal(unlink(place_path("file")), 0);
    assert_int_equal(wipe_file(file, mark, &report, &cause), KS_OK);
    assert_true(report.overwritten);
    assert_true(report.unlinked);
    assert_false(holds_probe(read_all(credfile_reader(file))));
    credfile_close(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(foreign_file_under_the_name_is_left_alone),
        TEST(symbolic_link_under_the_name_is_left_alone),
        TEST(shortened_file_is_not_clean),
        TEST(failure_to_unlink_is_reported),
        TEST(copies_beside_it_are_named_and_left_alone),
        TEST(only_a_whole_wipe_is_clean),
        TEST(content_is_random_to_the_last_block),
        TEST(mark_is_what_it_begins_with),
        TEST(mark_that_is_there_stays),
        TEST(verdict_is_the_mediums),
        TEST(grown_file_is_wiped_whole),
        TEST(file_that_lost_its_name_is_overwritten_still),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
