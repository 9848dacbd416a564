/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing of what is to be written may be left out, and no error be lost. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "keystore/base/write_all.h"

#define PIECE 1000
#define LENGTH (300 * PIECE) /* more than a pipe holds */

static uint8_t bytes[LENGTH], found[LENGTH];

static int
setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    memset(found, 0, sizeof found);
    return 0;
}

static void
a_full_disk_is_told(void **state)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    errno = 0;
    assert_false(write_all(fd, bytes, LENGTH));
    assert_int_equal(errno, ENOSPC);
    errno = 0;
    assert_false(write_all_at(fd, bytes, LENGTH, 5));
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(close(fd), 0);
}

static void
a_descriptor_that_is_none_is_told(void **state)
{
    (void)state;
    errno = 0;
    assert_false(write_all(-1, bytes, 1));
    assert_int_equal(errno, EBADF);
}

static void
nothing_is_written_of_nothing(void **state)
{
    (void)state;
    assert_true(write_all(-1, bytes, 0));
    assert_true(write_all_at(-1, bytes, 0, 0));
}

static void
ignore(int signal)
{
    (void)signal;
}

static int reader_fd;

/* Reads in pieces, with a signal to the writer before each. */
static void *
read_slowly(void *writer)
{
    size_t length = 0;
    ssize_t n;

    do {
        size_t left = LENGTH - length;

        (void)pthread_kill(*(pthread_t *)writer, SIGUSR1);
        n = read(reader_fd, found + length, left < PIECE ? left : PIECE);
        length += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    return NULL;
}

static void
signals_and_short_writes_lose_nothing(void **state)
{
    struct sigaction action = {.sa_handler = ignore}; /* no SA_RESTART */
    pthread_t self = pthread_self(), reader;
    int pair[2];

    (void)state;
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    reader_fd = pair[0];
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &self), 0);
    assert_true(write_all(pair[1], bytes, LENGTH));
    assert_int_equal(close(pair[1]), 0);
    assert_int_equal(pthread_join(reader, NULL), 0);
    assert_int_equal(close(pair[0]), 0);
    assert_memory_equal(found, bytes, LENGTH);
}

static void
an_offset_leaves_what_is_before_and_behind(void **state)
{
    int fd = memfd_create("file", MFD_CLOEXEC);

    (void)state;
    assert_true(write_all(fd, bytes, 100));
    assert_true(write_all_at(fd, bytes, 10, 50));
    assert_true(write_all(fd, bytes, 1)); /* behind the first, not the second */
    assert_int_equal(pread(fd, found, LENGTH, 0), 101);
    assert_memory_equal(found, bytes, 50);
    assert_memory_equal(found + 50, bytes, 10);
    assert_memory_equal(found + 60, bytes + 60, 40);
    assert_int_equal(found[100], bytes[0]);
    assert_int_equal(close(fd), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_full_disk_is_told, setup),
        cmocka_unit_test_setup(a_descriptor_that_is_none_is_told, setup),
        cmocka_unit_test_setup(nothing_is_written_of_nothing, setup),
        cmocka_unit_test_setup(signals_and_short_writes_lose_nothing, setup),
        cmocka_unit_test_setup(an_offset_leaves_what_is_before_and_behind,
                               setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
