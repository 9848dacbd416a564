/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/wipe.h: a process killed at any system call of a wipe leaves a
 * file that the next run knows and wipes, and a call that fails is not passed
 * over; never is a file gone with its content left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seccomp.h>

#include "keystore/file/credfile_internal.h"
#include "keystore/file/wipe.h"
#include "tests/unit/keystore/file/place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)
#define SIZE 5000
#define BEGUN 1024 /* the second write(2) of a wipe starts there */
#define STEP 500   /* less than one write */
#define NOT_RUN 99

static struct err_cause cause;
static const uint8_t mark[WIPE_MARK_LENGTH] = {0x3a, 0x91, 0x5c};
static char content[SIZE];

/* What happens to the child on its way into CALL */
struct fault {
    int call;
    uint32_t action;
    bool in_directory; /* only for fsync(2) of the directory */
    unsigned from;     /* only for pwrite(2) from this offset on */
    enum ks_err rc;    /* of a wipe that goes on */
    bool overwritten, unlinked;
};

static struct scmp_arg_cmp
condition(const struct fault *fault, const struct credfile *file)
{
    struct scmp_arg_cmp always = {.arg = 0, .op = SCMP_CMP_GE, .datum_a = 0};
    struct scmp_arg_cmp of_fd = {.arg = 0, .op = SCMP_CMP_EQ};
    struct scmp_arg_cmp from_offset = {.arg = 3, .op = SCMP_CMP_GE};

    of_fd.datum_a = (scmp_datum_t)(fault->in_directory ? file->directory
                                                       : file->writer);
    from_offset.datum_a = fault->from;
    if (fault->call == SCMP_SYS(fsync))
        return of_fd;
    return fault->call == SCMP_SYS(pwrite64) ? from_offset : always;
}

/* In the child: bit by bit what was not as foreseen. */
static int
wipe_with(const struct fault *fault)
{
    struct credfile *file = NULL;
    struct wipe_report report;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    enum ks_err rc;
    int wrong;

    if (credfile_open(place_path("file"), &file, &cause) != KS_OK ||
        seccomp_rule_add(filter, fault->action, fault->call, 1,
                         condition(fault, file)) != 0 ||
        seccomp_load(filter) != 0)
        return NOT_RUN;
    seccomp_release(filter);
    rc = wipe_file(file, mark, &report, &cause);
    wrong = (rc != fault->rc) |
            (report.overwritten != fault->overwritten) << 1 |
            (report.unlinked != fault->unlinked) << 2 |
            (wipe_is_clean(&report) && rc != KS_OK) << 3;
    credfile_close(&file);
    return wrong;
}

/* How the child ended, as waitpid(2) says. */
static int
wipe_in_a_child(const struct fault *fault)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        (void)prctl(PR_SET_DUMPABLE, 0);
        _exit(wipe_with(fault));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void
crash_in_a_wipe(struct fault fault)
{
    int status;

    fault.action = SCMP_ACT_KILL_PROCESS;
    status = wipe_in_a_child(&fault);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static struct credfile_identity
write_and_identify(void)
{
    struct credfile_identity identity = {.sha256 = {0}};
    struct credfile *file = NULL;

    memset(content, 'S', sizeof content);
    place_write("file", content, sizeof content, 0600);
    assert_int_equal(credfile_open(place_path("file"), &file, &cause), KS_OK);
    credfile_identify(file, &identity);
    credfile_close(&file);
    return identity;
}

/* As the next run does: content that is not the recorded one is excused only
 * by the mark of a wipe that had begun. */
static void
finish(const struct credfile_identity *identity)
{
    struct credfile *file = NULL;
    struct wipe_report report;
    static char now[2 * SIZE];
    ssize_t length;
    bool marked;

    assert_int_equal(
        credfile_reopen(place_path("file"), identity, &file, &cause), KS_OK);
    length = read(credfile_reader(file), now, sizeof now);
    marked = length >= SIZE && memcmp(now, mark, sizeof mark) == 0;
    if (!marked) {
        assert_int_equal(length, SIZE);
        assert_memory_equal(now, content, SIZE);
    }
    assert_int_equal(wipe_file(file, marked ? NULL : mark, &report, &cause),
                     KS_OK);
    assert_true(report.overwritten && report.unlinked);
    assert_false(place_exists("file"));
    assert_int_equal(pread(credfile_reader(file), now, SIZE, 0), SIZE);
    assert_null(memmem(now, SIZE, "SSSSSSSS", 8));
    credfile_close(&file);
}

static void
crash_before_the_unlink_is_mended(void **state)
{
    static const struct fault crashes[] = {
        {.call = SCMP_SYS(fsync)},
        {.call = SCMP_SYS(unlinkat)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) {
        struct credfile_identity identity = write_and_identify();

        crash_in_a_wipe(crashes[i]);
        assert_true(place_exists("file"));
        finish(&identity);
    }
}

/* From the mark's to the one that ends the last block, which is behind the
 * file's end, as some before it. */
static void
crash_before_any_write_is_mended(void **state)
{
    off_t longest = 0;
    off_t whole = 1;

    (void)state;
    for (unsigned from = 0; from < whole; from += STEP) {
        struct credfile_identity identity = write_and_identify();
        struct stat status;

        crash_in_a_wipe(
            (struct fault){.call = SCMP_SYS(pwrite64), .from = from});
        assert_int_equal(stat(place_path("file"), &status), 0);
        longest = status.st_size > longest ? status.st_size : longest;
        whole = credfile_whole_blocks(&status, SIZE);
        finish(&identity);
    }
    assert_in_range(longest, SIZE + 1, whole - 1);
}

static void
crash_after_the_unlink_leaves_nothing_to_do(void **state)
{
    struct credfile_identity identity = write_and_identify();
    struct credfile *file = NULL;

    (void)state;
    crash_in_a_wipe(
        (struct fault){.call = SCMP_SYS(fsync), .in_directory = true});
    assert_int_equal(
        credfile_reopen(place_path("file"), &identity, &file, &cause),
        KS_ERR_FILE_MISSING);
}

static void
failed_call_is_reported_and_mended(void **state)
{
    static const struct fault faults[] = {
        {.call = SCMP_SYS(fsync),
         .action = SCMP_ACT_ERRNO(EIO),
         .rc = KS_ERR_WIPE},
        {.call = SCMP_SYS(pwrite64),
         .from = BEGUN,
         .action = SCMP_ACT_ERRNO(EIO),
         .rc = KS_ERR_WIPE},
        {.call = SCMP_SYS(unlinkat),
         .action = SCMP_ACT_ERRNO(EROFS),
         .rc = KS_ERR_WIPE,
         .overwritten = true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct credfile_identity identity = write_and_identify();
        int status = wipe_in_a_child(&faults[i]);

        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        assert_true(place_exists("file"));
        finish(&identity);
    }
}

static void
unlink_that_is_not_flushed_is_not_claimed(void **state)
{
    static const struct fault fault = {.call = SCMP_SYS(fsync),
                                       .action = SCMP_ACT_ERRNO(EIO),
                                       .in_directory = true,
                                       .rc = KS_ERR_WIPE,
                                       .overwritten = true};

    (void)state;
    (void)write_and_identify();
    assert_int_equal(wipe_in_a_child(&fault), 0);
}

/* The rest of the last block is a bonus. */
static void
full_disk_does_not_stop_it(void **state)
{
    static const struct fault fault = {.call = SCMP_SYS(pwrite64),
                                       .action = SCMP_ACT_ERRNO(ENOSPC),
                                       .from = SIZE,
                                       .rc = KS_OK,
                                       .overwritten = true,
                                       .unlinked = true};

    (void)state;
    (void)write_and_identify();
    assert_int_equal(wipe_in_a_child(&fault), 0);
    assert_false(place_exists("file"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(crash_before_the_unlink_is_mended),
        TEST(crash_before_any_write_is_mended),
        TEST(crash_after_the_unlink_leaves_nothing_to_do),
        TEST(failed_call_is_reported_and_mended),
        TEST(unlink_that_is_not_flushed_is_not_claimed),
        TEST(full_disk_does_not_stop_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
