/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases from a terminal: asked for, and typed by another process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/agent/token/passphrase_case.h"

#define END "\x04" /* Control-D */

/* Until a prompt is there, and then until the terminal does not echo. */
static void
wait_for_prompt(int master)
{
    const struct timespec pause = {0, 1000000};
    struct termios now = {.c_lflag = ECHO};
    char last[2] = "";

    while (memcmp(last, ": ", 2) != 0) {
        last[0] = last[1];
        if (read(master, &last[1], 1) != 1)
            _exit(1);
    }
    while (tcgetattr(master, &now) == 0 && (now.c_lflag & ECHO) != 0)
        (void)nanosleep(&pause, NULL);
}

/* In another process. */
static void
type(int master, const char *const *lines)
{
    char output[64];

    for (; *lines != NULL; lines++) {
        wait_for_prompt(master);
        if (write(master, *lines, strlen(*lines)) < 0 ||
            (strcmp(*lines, END) != 0 && write(master, "\n", 1) != 1))
            _exit(1);
    }
    while (read(master, output, sizeof output) > 0)
        ;
    _exit(0);
}

static enum ks_err
read_typed(const char *first, const char *second, bool new)
{
    const char *lines[] = {first, second, NULL};
    int master, slave;
    enum ks_err rc;
    pid_t pid;

    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(slave);
        type(master, lines);
    }
    close(master);
    assert_int_equal(dup2(slave, CHANNEL_FD_INPUT), CHANNEL_FD_INPUT);
    if (slave != CHANNEL_FD_INPUT)
        close(slave);
    rc = token_read_passphrase("Passphrase: ", new, &passphrase_case_cause);
    close(CHANNEL_FD_INPUT);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return rc;
}

static void
one_that_is_too_long_is_refused_and_not_cut(void **state)
{
    char text[PIN_MAX + 2];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(passphrase_case_read(text, true),
                     KS_ERR_PASSPHRASE_NEEDED);
    assert_non_null(
        strstr(passphrase_case_cause.text, "longer than 256 bytes"));
    assert_int_equal(read_typed(text, NULL, false), KS_ERR_PASSPHRASE_NEEDED);
    assert_int_equal(read_typed(SIXTEEN, text, true), KS_ERR_PASSPHRASE_NEEDED);
    passphrase_case_expect_kept("");
    text[PIN_MAX] = '\0';
    assert_int_equal(read_typed(text, NULL, false), KS_OK);
    passphrase_case_expect_kept(text);
}

/* By Control-D, at either prompt. */
static void
prompt_that_is_left_says_so(void **state)
{
    (void)state;
    errno = ENOTDIR; /* of something else */
    assert_int_equal(read_typed(END, NULL, true), KS_ERR_PASSPHRASE_NEEDED);
    assert_string_equal(passphrase_case_cause.text,
                        "the line was not finished");
    assert_int_equal(read_typed(SIXTEEN, END, true), KS_ERR_PASSPHRASE_NEEDED);
    passphrase_case_expect_kept("");
}

static void
typed_one_that_does_not_do_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_typed(FIFTEEN, NULL, true), KS_ERR_PASSPHRASE);
    assert_int_equal(read_typed("sixteen l\xc3\xa4tters!", NULL, true),
                     KS_ERR_PASSPHRASE);
    passphrase_case_expect_kept("");
}

static void
typing_error_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(read_typed(SIXTEEN, SIXTEEN "!", true), KS_ERR_PASSPHRASE);
    assert_int_equal(read_typed(SIXTEEN, "Sixteen letters!", true),
                     KS_ERR_PASSPHRASE);
    passphrase_case_expect_kept("");
}

static void
typed_twice_it_does(void **state)
{
    (void)state;
    assert_int_equal(read_typed(SIXTEEN, SIXTEEN, true), KS_OK);
    passphrase_case_expect_kept(SIXTEEN);
}

/* Its repository may be anybody's work. */
static void
old_one_may_be_any_and_is_asked_for_once(void **state)
{
    (void)state;
    assert_int_equal(read_typed("kurz \xc3\xa4", NULL, false), KS_OK);
    passphrase_case_expect_kept("kurz \xc3\xa4");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, passphrase_case_start,               \
                                    passphrase_case_stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_that_is_too_long_is_refused_and_not_cut),
        TEST(prompt_that_is_left_says_so),
        TEST(typed_one_that_does_not_do_is_refused),
        TEST(typing_error_is_noticed),
        TEST(typed_twice_it_does),
        TEST(old_one_may_be_any_and_is_asked_for_once),
    };

    return passphrase_case_run(tests);
}
