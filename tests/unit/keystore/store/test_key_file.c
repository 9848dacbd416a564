/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/store/key_file.h: what is overwritten, and what is not called so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/store/key_file.h"
#include "tests/unit/keystore/file/place.h"

#define SIZE 200

static struct err_cause cause;
static int directory = -1;
static bool cannot_look;
static bool cannot_flush;
static unsigned flushes;

int __real_fstat(int fd, struct stat *status);
int __wrap_fstat(int fd, struct stat *status);
int __wrap_fsync(int fd);

int
__wrap_fstat(int fd, struct stat *status)
{
    errno = EIO;
    return cannot_look ? -1 : __real_fstat(fd, status);
}

int
__wrap_fsync(int fd)
{
    (void)fd;
    flushes++;
    errno = EIO;
    return cannot_flush ? -1 : 0;
}

static int
start(void **state)
{
    char secret[SIZE];

    memset(secret, 's', sizeof secret);
    flushes = 0;
    assert_int_equal(place_make(state), 0);
    place_write("key", secret, sizeof secret, 0600);
    directory = open(place_path(""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return directory >= 0 ? 0 : -1;
}

static int
stop(void **state)
{
    cannot_look = cannot_flush = false;
    close(directory);
    return place_remove(state);
}

static void
file_that_cannot_be_looked_at_is_not_called_overwritten(void **state)
{
    (void)state;
    cannot_look = true;
    assert_int_equal(key_file_overwrite(directory, "key", &cause),
                     KS_ERR_TOKEN_FAILED);
    assert_string_equal(cause.text, "look at a key file: Input/output error");
}

static void
file_that_cannot_be_flushed_is_not_called_overwritten(void **state)
{
    (void)state;
    cannot_flush = true;
    assert_int_equal(key_file_overwrite(directory, "key", &cause),
                     KS_ERR_TOKEN_FAILED);
}

static void
all_of_it_is_overwritten_and_flushed_once(void **state)
{
    char content[SIZE + 1];
    int fd;

    (void)state;
    assert_int_equal(key_file_overwrite(directory, "key", &cause), KS_OK);
    assert_int_equal(flushes, 1);
    fd = openat(directory, "key", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, content, sizeof content), SIZE);
    close(fd);
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(content[i], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(file_that_cannot_be_looked_at_is_not_called_overwritten),
        TEST(file_that_cannot_be_flushed_is_not_called_overwritten),
        TEST(all_of_it_is_overwritten_and_flushed_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
