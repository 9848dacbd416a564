/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of restic's words, as 0.14 and 0.18 write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/holdfast/restic/words.h"

static struct err_cause cause;
static char shown[128 * 1024];

static int
start(void **state)
{
    (void)state;
    restic_words_forget();
    return 0;
}

/* All of TEXT at once, from a process that has ended. */
static void
take(const char *text)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
    close(ends[1]);
    restic_words_take(ends[0], getpid(), true);
    close(ends[0]);
}

/* Do it with standard error in a file, whose content goes into shown. */
static void
keep_shown(void (*act)(void))
{
    int before = dup(STDERR_FILENO);
    int file = memfd_create("shown", MFD_CLOEXEC);
    ssize_t length;

    assert_true(before >= 0 && file >= 0);
    assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
    act();
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    length = pread(file, shown, sizeof shown - 1, 0);
    assert_true(length >= 0);
    shown[length] = '\0';
    close(before);
    close(file);
}

static void
last_words_name_the_failure(void **state)
{
    static const struct {
        const char *said;
        enum ks_err rc;
    } cases[] = {
        {"Fatal: wrong password or no key found\n", KS_ERR_PASSPHRASE_WRONG},
        {"Fatal: unable to open config file: <config/> does not exist\n"
         "Is there a repository at the following location?\nrclone:vault\n",
         KS_ERR_REPOSITORY},
        {"Fatal: repository does not exist: unable to open config file: "
         "<config/> does not exist\n"
         "Is there a repository at the following location?\nrclone:vault\n",
         KS_ERR_REPOSITORY},
        {"Fatal: unable to open config file: unexpected HTTP response (403): "
         "403 Forbidden\n"
         "Is there a repository at the following location?\nrclone:vault\n",
         KS_ERR_VAULT_REFUSED},
        {"Fatal: unable to open config file: unexpected HTTP response (401): "
         "401 Unauthorized\n",
         KS_ERR_VAULT_REFUSED},
        {"invalid id \"deadbeef\": no matching ID found for prefix "
         "\"deadbeef\"\n",
         KS_ERR_SNAPSHOT},
        {"/a does not exist, skipping\n"
         "Fatal: all target directories/files do not exist\n",
         KS_ERR_SOURCE},
        {"Fatal: all source directories/files do not exist\n", KS_ERR_SOURCE},
        {"Fatal: failed to find snapshot: no snapshot found\n",
         KS_ERR_SNAPSHOT},
        {"Fatal: unable to open config file: unexpected HTTP response (503): "
         "503 Service Unavailable\n"
         "Is there a repository at the following location?\nrclone:vault\n",
         KS_ERR_RESTIC},
        {"Fatal: something else\n", KS_ERR_RESTIC},
        {"", KS_ERR_RESTIC},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(start(state), 0);
        take(cases[i].said);
        assert_int_equal(restic_words_judge(&cause), cases[i].rc);
    }
}

static void
what_helps_nobody_is_left_out(void **state)
{
    (void)state;
    take("error: lstat /x: permission denied\n"
         "rclone: holdfast: relay: the token refused the PIN\n"
         "Fatal: unable to open repository at rclone:vault: error talking HTTP "
         "to rclone: EOF\n"
         "Is there a repository at the following location?\nrclone:vault\n"
         "server response unexpected: 500\n"
         "github.com/restic/restic/internal/backend/rest.(*Backend).Save\n"
         "\tgithub.com/restic/restic/internal/backend/rest/rest.go:167\n"
         "main.main\n\tgithub.com/restic/restic/cmd/restic/main.go:98\n"
         "unfinished");
    keep_shown(restic_words_show);
    assert_string_equal(
        shown, "error: lstat /x: permission denied\n"
               "rclone: holdfast: relay: the token refused the PIN\n"
               "Fatal: unable to open repository at rclone:vault: error "
               "talking HTTP to rclone: EOF\n"
               "server response unexpected: 500\nunfinished\n");
    keep_shown(restic_words_show);
    assert_string_equal(shown, "");
}

static void
relays_end_is_told_once(void **state)
{
    (void)state;
    take("rclone: holdfast: relay: the token refused the PIN\n"
         "rclone: a module's own message\n"
         "Fatal: unable to open repository at rclone:vault: error talking HTTP "
         "to rclone: EOF\n");
    restic_words_relay_spoke();
    keep_shown(restic_words_show);
    assert_string_equal(shown, "rclone: a module's own message\n");
}

/* A writer at work, which writes FIRST, waits for its standard output to be
 * closed or for a signal, and writes SECOND. */
static pid_t
start_writer(const char *first, const char *second, int *ret_said,
             int *ret_goes_on)
{
    int said[2], waits[2];
    pid_t pid;

    assert_int_equal(pipe2(said, O_CLOEXEC), 0);
    assert_int_equal(pipe2(waits, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char c;

        (void)signal(SIGINT, SIG_DFL);
        close(waits[1]);
        if (write(said[1], first, strlen(first)) > 0 &&
            read(waits[0], &c, 1) == 0)
            _exit(write(said[1], second, strlen(second)) > 0 ? 0 : 1);
        _exit(1);
    }
    close(said[1]);
    close(waits[0]);
    *ret_said = said[0];
    *ret_goes_on = waits[1];
    return pid;
}

static int said, goes_on;
static pid_t writer;

/* Go on once what it wrote has been shown, which is looked for where standard
 * error goes. */
static void
take_until_shown(void)
{
    pid_t watcher = fork();

    assert_true(watcher >= 0);
    if (watcher == 0) {
        char c[8];

        close(said);
        while (pread(STDERR_FILENO, c, sizeof c, 0) <= 0)
            ;
        _exit(0); /* and with it the last copy of goes_on */
    }
    close(goes_on);
    restic_words_take(said, (int)writer, true);
    assert_int_equal(waitpid(watcher, NULL, 0), watcher);
}

static void
what_is_said_in_passing_is_shown_while_it_works(void **state)
{
    (void)state;
    writer = start_writer("error: lstat /x: permission denied\n", "Fatal: no\n",
                          &said, &goes_on);
    keep_shown(take_until_shown);
    assert_string_equal(shown, "error: lstat /x: permission denied\n");
    keep_shown(restic_words_show);
    assert_string_equal(shown, "Fatal: no\n");
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    close(said);
}

/* restic would try again for minutes. */
static void
vault_without_room_ends_it(void **state)
{
    int status;

    (void)state;
    writer = start_writer("Save(<lock/8e>) returned error, retrying after "
                          "720ms: server response unexpected: 507 "
                          "Insufficient Storage (507)\n",
                          "never\n", &said, &goes_on);
    restic_words_take(said, (int)writer, true);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    assert_int_equal(restic_words_judge(&cause), KS_ERR_VAULT_FULL);
    close(said);
    close(goes_on);
}

static void
more_than_is_kept_is_shown_all_the_same(void **state)
{
    static const char last[] = "\nFatal: wrong password or no key found\n";
    static char much[60 * 1024];

    (void)state;
    memset(much, 'x', sizeof much - 1);
    for (size_t i = 99; i < sizeof much - 1; i += 100)
        much[i] = '\n';
    take(much);
    take(last);
    assert_int_equal(restic_words_judge(&cause), KS_ERR_PASSPHRASE_WRONG);
    keep_shown(restic_words_show);
    assert_int_equal(strlen(shown), strlen(much) + strlen(last));
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(last_words_name_the_failure),
        TEST(what_helps_nobody_is_left_out),
        TEST(relays_end_is_told_once),
        TEST(what_is_said_in_passing_is_shown_while_it_works),
        TEST(vault_without_room_ends_it),
        TEST(more_than_is_kept_is_shown_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
