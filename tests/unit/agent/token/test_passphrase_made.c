/* SPDX-License-Identifier: Apache-2.0 */
/* What a new passphrase is, and where it cannot be put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/agent/token/passphrase_case.h"

static void
made_one_has_160_bits_and_does(void **state)
{
    char made[2][64];
    bool seen[256] = {false};
    size_t different = 0;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(passphrase_case_start(state), 0);
        assert_int_equal(token_make_passphrase(&passphrase_case_cause), KS_OK);
        assert_int_equal(pread(CHANNEL_FD_PIN, made[i], sizeof made[i], 0), 40);
        made[i][40] = '\0';
        for (int j = 0; j < 40; j++)
            seen[(uint8_t)made[i][j]] = true;
        assert_int_equal(strspn(made[i], "abcdefghijkmnpqrstuvwxyz23456789-"),
                         39);
        assert_int_equal(passphrase_case_start(state), 0);
        assert_int_equal(passphrase_case_read(made[i], true), KS_OK);
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
    assert_int_equal(token_make_passphrase(&passphrase_case_cause),
                     KS_ERR_PASSPHRASE_FILE);
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
    assert_int_equal(token_make_passphrase(&passphrase_case_cause),
                     KS_ERR_PASSPHRASE_FILE);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_string_equal(passphrase_case_cause.text,
                        "writing it: File too large");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, passphrase_case_start,               \
                                    passphrase_case_stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(made_one_has_160_bits_and_does),
        TEST(file_that_cannot_be_written_is_not_called_done),
        TEST(file_with_room_for_a_part_says_why),
    };

    return passphrase_case_run(tests);
}
