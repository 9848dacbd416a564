/* SPDX-License-Identifier: Apache-2.0 */
/* How restic's end is judged, with a script in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/restic/restic.h"
#include "agent/holdfast/restic/words.h"
#include "tests/support/own_directory.h"

static struct restic restic;
static struct err_cause cause;
static bool orphaned;
static enum ks_err reported; /* by a relay that there is none of here */

pid_t __real_getppid(void);
pid_t __wrap_getppid(void);
enum ks_err __wrap_relay_report_take(int fd, struct err_cause *why);
enum ks_err __wrap_commands_state_waiting(const struct options *options,
                                          struct state **ret,
                                          struct err_cause *why);

pid_t
__wrap_getppid(void)
{
    return orphaned ? 1 : __real_getppid();
}

enum ks_err
__wrap_relay_report_take(int fd, struct err_cause *why)
{
    (void)fd;
    return err_set(why, reported, "by the relay");
}

/* Where a repository is found, it would be recorded. */
enum ks_err
__wrap_commands_state_waiting(const struct options *options, struct state **ret,
                              struct err_cause *why)
{
    (void)options;
    (void)ret;
    return err_set(why, KS_ERR_BUSY, "found");
}

static int
start(void **state)
{
    (void)own_directory_make(state);
    assert_int_equal(setenv("PATH", directory, 1), 0);
    restic = (struct restic){.cache = directory,
                             .relay = directory,
                             .passphrase = memfd_create("test", MFD_CLOEXEC),
                             .pin = -1};
    restic_words_forget();
    orphaned = false;
    reported = KS_OK;
    (void)signal(SIGINT, SIG_DFL); /* the starter of this may have it ignored */
    return restic.passphrase >= 0 ? 0 : -1;
}

static int
stop(void **state)
{
    (void)signal(SIGCHLD, SIG_DFL);
    close(restic.passphrase);
    return own_directory_remove(state);
}

/* A restic that notes what it is to do and goes on with BODY. */
static void
make_restic(const char *body)
{
    int fd = open(own_directory_path("restic"), O_WRONLY | O_CREAT | O_TRUNC,
                  0700);

    assert_true(fd >= 0);
    assert_true(dprintf(fd,
                        "#!/bin/sh\nshift 8\necho \"$*\" >>%s/calls\n"
                        "echo \"said of $1\" >&2\n%s\n",
                        directory, body) > 0);
    close(fd);
}

static void
expect_file(const char *name, const char *content)
{
    char text[512] = "";
    int fd = open(own_directory_path(name), O_RDONLY);

    if (fd >= 0)
        assert_true(read(fd, text, sizeof text - 1) >= 0);
    close(fd);
    assert_string_equal(text, content);
}

/* With what it writes to standard error in a file of its own. */
static enum ks_err
prepare(void)
{
    int before = dup(STDERR_FILENO);
    int fd = open(own_directory_path("said"), O_WRONLY | O_CREAT, 0600);
    enum ks_err rc;

    assert_true(before >= 0 && fd >= 0);
    assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
    rc = restic_prepare(&restic, &cause);
    restic_words_show();
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    close(before);
    close(fd);
    return rc;
}

static void
end_that_nobody_knows_is_an_error(void **state)
{
    static const char *const words[] = {"snapshots"};

    (void)state;
    make_restic("exit 1");
    (void)signal(SIGCHLD, SIG_IGN);
    assert_int_equal(restic_run(&restic, words, 1, &cause), KS_ERR_INTERNAL);
    assert_string_equal(cause.text, "waiting for restic: No child processes");
}

/* Its starter's death before it could be told of it. */
static void
without_its_starter_it_does_not_start(void **state)
{
    static const char *const words[] = {"snapshots"};

    (void)state;
    make_restic("exit 0");
    orphaned = true;
    assert_int_equal(restic_run(&restic, words, 1, &cause), KS_ERR_RESTIC);
    expect_file("calls", "");
}

static void
new_repository_is_asked_for_once_and_says_nothing(void **state)
{
    (void)state;
    make_restic("exit 0");
    assert_int_equal(prepare(), KS_ERR_BUSY);
    expect_file("calls", "init\n");
    expect_file("said", "");
}

static void
repository_that_is_there_is_opened(void **state)
{
    (void)state;
    make_restic("[ $1 = cat ]");
    assert_int_equal(prepare(), KS_ERR_BUSY);
    expect_file("calls", "init\ncat config\n");
    expect_file("said", "");
}

static void
where_both_fail_both_are_heard(void **state)
{
    (void)state;
    make_restic("exit 1");
    assert_int_equal(prepare(), KS_ERR_RESTIC);
    expect_file("calls", "init\ncat config\n");
    expect_file("said", "said of init\nsaid of cat\n");
}

static void
interrupted_or_unable_it_is_not_tried_again(void **state)
{
    static const char *const ends[] = {"exit 126", "exit 127", "exit 130",
                                       "kill -INT $$", "kill -KILL $$"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        make_restic(ends[i]);
        assert_int_equal(prepare(), KS_ERR_RESTIC);
        expect_file("calls", "init\n");
        expect_file("said", "said of init\n");
        assert_int_equal(stop(state), 0);
        assert_int_equal(start(state), 0);
    }
}

/* As restic 0.18 is, which calls it an error like any other.  What the keyboard
 * sends goes to its starter, too, once that waits. */
static void
interrupted_with_its_starter_it_is_not_tried_again(void **state)
{
    (void)state;
    make_restic("until grep -q '^SigBlk:.*6$' /proc/$PPID/status; do :; done; "
                "kill -INT $PPID; exit 1");
    assert_int_equal(prepare(), KS_ERR_RESTIC);
    assert_string_equal(cause.text, "it was interrupted");
    expect_file("calls", "init\n");
    expect_file("said", "said of init\n");
}

/* A second one would try the same PIN, or ask for one, again. */
static void
relay_that_failed_is_not_tried_again(void **state)
{
    (void)state;
    make_restic("echo 'rclone: holdfast: relay: no' >&2; exit 1");
    reported = KS_ERR_PIN_WRONG;
    assert_int_equal(prepare(), KS_ERR_PIN_WRONG);
    assert_string_equal(cause.text, "by the relay");
    expect_file("calls", "init\n");
    expect_file("said", "said of init\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(end_that_nobody_knows_is_an_error),
        TEST(without_its_starter_it_does_not_start),
        TEST(new_repository_is_asked_for_once_and_says_nothing),
        TEST(repository_that_is_there_is_opened),
        TEST(where_both_fail_both_are_heard),
        TEST(interrupted_or_unable_it_is_not_tried_again),
        TEST(interrupted_with_its_starter_it_is_not_tried_again),
        TEST(relay_that_failed_is_not_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
