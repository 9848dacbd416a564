/* SPDX-License-Identifier: Apache-2.0 */
/* Which passphrases do, from a file and from a terminal, and what a new one is.
 * The descriptors are those that holdfast-token finds open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "agent/token/token.h"

#define SIXTEEN "sixteen letters!"
#define FIFTEEN "fifteen letters"
#define END "\x04" /* Control-D */

static struct err_cause cause;

static int
start(void **state)
{
    int memfd = memfd_create("passphrase", MFD_ALLOW_SEALING);

    (void)state;
    assert_true(memfd >= 0);
    assert_int_equal(dup2(memfd, CHANNEL_FD_PIN), CHANNEL_FD_PIN);
    if (memfd != CHANNEL_FD_PIN)
        close(memfd);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    close(CHANNEL_FD_INPUT);
    close(CHANNEL_FD_PIN);
    return 0;
}

/* What the memfd holds afterwards: TEXT, sealed, or nothing. */
static void
expect_kept(const char *text)
{
    char kept[512];
    ssize_t length = pread(CHANNEL_FD_PIN, kept, sizeof kept, 0);

    assert_int_equal(length, strlen(text));
    assert_memory_equal(kept, text, strlen(text));
    assert_int_equal(fcntl(CHANNEL_FD_PIN, F_GET_SEALS) != 0, *text != '\0');
}

static void
give_file(const char *content)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], content, strlen(content)), strlen(content));
    close(ends[1]);
    assert_int_equal(dup2(ends[0], CHANNEL_FD_INPUT), CHANNEL_FD_INPUT);
    if (ends[0] != CHANNEL_FD_INPUT)
        close(ends[0]);
}

static enum ks_err
read_file(const char *content, bool new)
{
    give_file(content);
    return token_read_passphrase("", new, &cause);
}

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
    rc = token_read_passphrase("Passphrase: ", new, &cause);
    close(CHANNEL_FD_INPUT);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return rc;
}

static void
new_one_that_does_not_do_is_refused(void **state)
{
    static const char *const bad[] = {
        FIFTEEN,
        FIFTEEN "\n",
        "sixteen l\xc3\xa4tters!", /* as UTF-8 */
        "sixteen l\xe4tters!!",    /* as Latin-1 */
        "sixteen\tletters!",
        "two lines of\nsixteen",
        " sixteen letters",
        "sixteen letters ",
        "                    ",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(start(state), 0);
        if (read_file(bad[i], true) != KS_ERR_PASSPHRASE)
            fail_msg("taken: %s", bad[i]);
        expect_kept("");
        assert_null(strstr(cause.text, "sixteen"));
    }
}

static void
empty_one_is_refused_of_any_age(void **state)
{
    (void)state;
    assert_int_equal(read_file("", true), KS_ERR_PASSPHRASE_NEEDED);
    assert_int_equal(read_file("\n", false), KS_ERR_PASSPHRASE_NEEDED);
    expect_kept("");
}

static void
one_that_is_too_long_is_refused_and_not_cut(void **state)
{
    char text[PIN_MAX + 2];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(read_file(text, true), KS_ERR_PASSPHRASE_NEEDED);
    assert_non_null(strstr(cause.text, "longer than 256 bytes"));
    assert_int_equal(read_typed(text, NULL, false), KS_ERR_PASSPHRASE_NEEDED);
    assert_int_equal(read_typed(SIXTEEN, text, true), KS_ERR_PASSPHRASE_NEEDED);
    expect_kept("");
    text[PIN_MAX] = '\0';
    assert_int_equal(read_typed(text, NULL, false), KS_OK);
    expect_kept(text);
}

static void
longest_file_may_end_its_line(void **state)
{
    static const char *const ends[] = {"", "\n", "\r\n"};
    char text[PIN_MAX + 16];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        assert_int_equal(start(state), 0);
        memset(text, 'x', PIN_MAX);
        strcpy(text + PIN_MAX, ends[i]);
        assert_int_equal(read_file(text, true), KS_OK);
        text[PIN_MAX] = '\0';
        expect_kept(text);
        assert_int_equal(start(state), 0);
        for (size_t length = PIN_MAX + 1; length < PIN_MAX + 9; length++) {
            memset(text, 'x', length);
            strcpy(text + length, ends[i]);
            assert_int_equal(read_file(text, true), KS_ERR_PASSPHRASE_NEEDED);
        }
        expect_kept("");
    }
}

/* By Control-D, at either prompt. */
static void
prompt_that_is_left_says_so(void **state)
{
    (void)state;
    errno = ENOTDIR; /* of something else */
    assert_int_equal(read_typed(END, NULL, true), KS_ERR_PASSPHRASE_NEEDED);
    assert_string_equal(cause.text, "the line was not finished");
    assert_int_equal(read_typed(SIXTEEN, END, true), KS_ERR_PASSPHRASE_NEEDED);
    expect_kept("");
}

static void
typed_one_that_does_not_do_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_typed(FIFTEEN, NULL, true), KS_ERR_PASSPHRASE);
    assert_int_equal(read_typed("sixteen l\xc3\xa4tters!", NULL, true),
                     KS_ERR_PASSPHRASE);
    expect_kept("");
}

static void
typing_error_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(read_typed(SIXTEEN, SIXTEEN "!", true), KS_ERR_PASSPHRASE);
    assert_int_equal(read_typed(SIXTEEN, "Sixteen letters!", true),
                     KS_ERR_PASSPHRASE);
    expect_kept("");
}

static void
sixteen_characters_do(void **state)
{
    (void)state;
    assert_int_equal(read_file(SIXTEEN "\r\n", true), KS_OK);
    expect_kept(SIXTEEN);
}

static void
typed_twice_it_does(void **state)
{
    (void)state;
    assert_int_equal(read_typed(SIXTEEN, SIXTEEN, true), KS_OK);
    expect_kept(SIXTEEN);
}

/* Its repository may be anybody's work. */
static void
old_one_may_be_any_and_is_asked_for_once(void **state)
{
    (void)state;
    assert_int_equal(read_typed("kurz \xc3\xa4", NULL, false), KS_OK);
    expect_kept("kurz \xc3\xa4");
}

static void
made_one_has_160_bits_and_does(void **state)
{
    char made[2][64];
    bool seen[256] = {false};
    size_t different = 0;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(start(state), 0);
        assert_int_equal(token_make_passphrase(&cause), KS_OK);
        assert_int_equal(pread(CHANNEL_FD_PIN, made[i], sizeof made[i], 0), 40);
        made[i][40] = '\0';
        for (int j = 0; j < 40; j++)
            seen[(uint8_t)made[i][j]] = true;
        assert_int_equal(strspn(made[i], "abcdefghijkmnpqrstuvwxyz23456789-"),
                         39);
        assert_int_equal(start(state), 0);
        assert_int_equal(read_file(made[i], true), KS_OK);
    }
    assert_string_not_equal(made[0], made[1]);
    /* 64 of 32 kinds: fewer than 16 of them come once in 10^16. */
    for (int i = 0; i < 256; i++)
        different += seen[i];
    assert_true(different > 16 + 2);
}

static void
file_that_cannot_be_written_is_not_called_done(void **state)
{
    int full = open("/dev/full", O_WRONLY);

    (void)state;
    assert_true(full >= 0);
    assert_int_equal(dup2(full, CHANNEL_FD_PIN), CHANNEL_FD_PIN);
    close(full);
    assert_int_equal(token_make_passphrase(&cause), KS_ERR_PASSPHRASE_FILE);
}

/* A write that gets only some of it there sets no errno. */
static void
file_with_room_for_a_part_says_why(void **state)
{
    const struct rlimit limit = {10, RLIM_INFINITY};
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    errno = 0;
    assert_int_equal(token_make_passphrase(&cause), KS_ERR_PASSPHRASE_FILE);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_string_equal(cause.text, "writing it: File too large");
}

/* HTTP/2 begins so, and a token would count it as a try. */
static void
pin_with_a_control_character_is_refused(void **state)
{
    static const char *const bad[] = {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                                      "12\00134", "1234\x7f\n", "12\n34\n"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        give_file(bad[i]);
        assert_int_equal(token_read_pin("", &cause), KS_ERR_PIN_NEEDED);
        assert_non_null(strstr(cause.text, "control character"));
        expect_kept("");
    }
    give_file("gr\xc3\xbc\xc3\x9f 12\r\n");
    assert_int_equal(token_read_pin("", &cause), KS_OK);
    expect_kept("gr\xc3\xbc\xc3\x9f 12");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_one_that_does_not_do_is_refused),
        TEST(empty_one_is_refused_of_any_age),
        TEST(one_that_is_too_long_is_refused_and_not_cut),
        TEST(longest_file_may_end_its_line),
        TEST(pin_with_a_control_character_is_refused),
        TEST(prompt_that_is_left_says_so),
        TEST(typed_one_that_does_not_do_is_refused),
        TEST(typing_error_is_noticed),
        TEST(sixteen_characters_do),
        TEST(typed_twice_it_does),
        TEST(old_one_may_be_any_and_is_asked_for_once),
        TEST(made_one_has_160_bits_and_does),
        TEST(file_that_cannot_be_written_is_not_called_done),
        TEST(file_with_room_for_a_part_says_why),
    };

    if (secret_init(64 * 1024, &cause) != KS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
