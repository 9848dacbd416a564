/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/agent/token/passphrase_case.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct err_cause passphrase_case_cause;

int
passphrase_case_start(void **state)
{
    int memfd = memfd_create("passphrase", MFD_ALLOW_SEALING);

    (void)state;
    assert_true(memfd >= 0);
    assert_int_equal(dup2(memfd, CHANNEL_FD_PIN), CHANNEL_FD_PIN);
    if (memfd != CHANNEL_FD_PIN)
        close(memfd);
    return 0;
}

int
passphrase_case_stop(void **state)
{
    (void)state;
    close(CHANNEL_FD_INPUT);
    close(CHANNEL_FD_PIN);
    return 0;
}

void
passphrase_case_expect_kept(const char *text)
{
    char kept[512];
    ssize_t length = pread(CHANNEL_FD_PIN, kept, sizeof kept, 0);

    assert_int_equal(length, strlen(text));
    assert_memory_equal(kept, text, strlen(text));
    assert_int_equal(fcntl(CHANNEL_FD_PIN, F_GET_SEALS) != 0, *text != '\0');
}

void
passphrase_case_give(const char *content)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], content, strlen(content)), strlen(content));
    close(ends[1]);
    assert_int_equal(dup2(ends[0], CHANNEL_FD_INPUT), CHANNEL_FD_INPUT);
    if (ends[0] != CHANNEL_FD_INPUT)
        close(ends[0]);
}

enum ks_err
passphrase_case_read(const char *content, bool new)
{
    passphrase_case_give(content);
    return token_read_passphrase("", new, &passphrase_case_cause);
}
