/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/base/secret.h: capacity, wiping, sealing, and memory that is locked
 * or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "keystore/base/secret.h"

#define ARENA (64 * 1024)
#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static struct err_cause cause;

/* What secret_init() said in a child: each process starts but once. */
static enum ks_err without_locking;

static struct secret *
new_secret(const char *text, size_t capacity)
{
    struct secret *secret = NULL;

    assert_int_equal(secret_new(capacity, &secret), KS_OK);
    memcpy(secret_space(secret), text, strlen(text));
    secret_set_length(secret, strlen(text));
    return secret;
}

static int
new_memfd(void)
{
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    assert_true(fd >= 0);
    return fd;
}

/* A pipe with TEXT in it and its other end closed */
static int
new_pipe(const void *text, size_t length)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, length), length);
    (void)close(ends[1]);
    return ends[0];
}

static bool
is_zero(const volatile uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

#if LOCKING_IS_REAL
static void
memory_that_cannot_be_locked_is_refused(void **state)
{
    (void)state;
    assert_int_equal(without_locking, KS_ERR_MEMORY_LOCK);
}
#endif

static void
more_than_the_arena_is_refused(void **state)
{
    struct secret *secret = NULL;

    (void)state;
    assert_int_equal(secret_new(2 * (size_t)ARENA, &secret),
                     KS_ERR_MEMORY_LOCK);
    assert_null(secret);
}

static void
one_byte_too_many_is_refused(void **state)
{
    struct secret *secret = NULL;
    int fd = new_pipe("123456789", 9);

    (void)state;
    assert_int_equal(secret_read(fd, 8, &secret, &cause), KS_ERR_FILE_READ);
    assert_null(secret);
    assert_non_null(strstr(cause.text, strerror(EFBIG)));
    (void)close(fd);
}

static void
what_cannot_be_read_is_refused(void **state)
{
    struct secret *secret = NULL;
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_int_equal(secret_read(fd, 8, &secret, &cause), KS_ERR_FILE_READ);
    assert_int_equal(secret_read(-1, 8, &secret, &cause), KS_ERR_FILE_READ);
    assert_null(secret);
    (void)close(fd);
}

static void
memfd_that_can_change_is_refused(void **state)
{
    (void)state;
    for (int missing = 0; missing < 4; missing++) {
        static const int seals[] = {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW,
                                    F_SEAL_WRITE};
        struct secret *secret = NULL;
        int fd = new_memfd();

        assert_int_equal(write(fd, "x", 1), 1);
        assert_int_equal(fcntl(fd, F_ADD_SEALS, ALL_SEALS & ~seals[missing]),
                         0);
        assert_int_equal(secret_read_sealed(fd, 8, &secret, &cause),
                         KS_ERR_INTERNAL);
        assert_null(secret);
        (void)close(fd);
    }
}

static void
what_is_no_memfd_is_refused(void **state)
{
    struct secret *secret = NULL;
    int fd = new_pipe("x", 1);

    (void)state;
    assert_int_equal(secret_read_sealed(fd, 8, &secret, &cause),
                     KS_ERR_INTERNAL);
    (void)close(fd);
}

static void
memfd_without_sealing_takes_no_secret(void **state)
{
    struct secret *secret = new_secret("text", 8);
    int fd = memfd_create("test", MFD_CLOEXEC);

    (void)state;
    assert_int_equal(secret_seal(secret, fd, &cause), KS_ERR_INTERNAL);
    (void)close(fd);
    secret_free(&secret);
}

static void
length_never_exceeds_the_capacity(void **state)
{
    struct secret *secret = new_secret("text", 8);

    (void)state;
    secret_set_length(secret, 9);
    assert_int_equal(secret_length(secret), 8);
    secret_set_length(secret, SIZE_MAX);
    assert_int_equal(secret_length(secret), 8);
    assert_int_equal(secret_capacity(secret), 8);
    secret_free(&secret);
}

/* The arena stays mapped, so what a freed secret left can be looked at. */
static void
freed_secret_leaves_zeros(void **state)
{
    struct secret *secret = new_secret("a secret of many bytes", 100);
    const volatile uint8_t *bytes = secret_bytes(secret);

    (void)state;
    assert_int_equal(CRYPTO_secure_allocated(secret_bytes(secret)), 1);
    secret_free(&secret);
    assert_null(secret);
    assert_true(is_zero(bytes + 32, 68));
    secret_free(&secret);
}

static void
new_secret_is_empty(void **state)
{
    struct secret *secret = NULL;

    (void)state;
    assert_int_equal(secret_new(16, &secret), KS_OK);
    assert_int_equal(secret_length(secret), 0);
    assert_true(is_zero(secret_bytes(secret), 16));
    secret_free(&secret);
}

static void
reading_goes_to_the_end(void **state)
{
    struct secret *secret = NULL;
    int fd = new_pipe("12345678", 8);

    (void)state;
    assert_int_equal(secret_read(fd, 8, &secret, &cause), KS_OK);
    assert_int_equal(secret_length(secret), 8);
    assert_memory_equal(secret_bytes(secret), "12345678", 8);
    secret_free(&secret);
    (void)close(fd);
}

static void
sealed_secret_arrives_and_cannot_change(void **state)
{
    struct secret *secret = new_secret("a key", 32);
    struct secret *arrived = NULL;
    int fd = new_memfd();

    (void)state;
    assert_int_equal(secret_seal(secret, fd, &cause), KS_OK);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 1), -1);
    assert_int_equal(fcntl(fd, F_GET_SEALS) & ALL_SEALS, ALL_SEALS);
    assert_int_equal(secret_read_sealed(fd, 32, &arrived, &cause), KS_OK);
    assert_int_equal(secret_length(arrived), 5);
    assert_memory_equal(secret_bytes(arrived), "a key", 5);
    secret_free(&arrived);
    assert_int_equal(secret_read_sealed(fd, 4, &arrived, &cause),
                     KS_ERR_FILE_READ);
    secret_free(&secret);
    (void)close(fd);
}

static bool
forbid_locking(void)
{
    struct rlimit none = {0, 0};

    return setrlimit(RLIMIT_MEMLOCK, &none) == 0 &&
           (geteuid() != 0 || setresuid(65534, 65534, 65534) == 0);
}

static enum ks_err
start_without_locking(void)
{
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(forbid_locking() ? (int)secret_init(ARENA, &cause) : KS_ERR__MAX);
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return KS_ERR__MAX;
    return (enum ks_err)WEXITSTATUS(status);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#if LOCKING_IS_REAL
        cmocka_unit_test(memory_that_cannot_be_locked_is_refused),
#endif
        cmocka_unit_test(more_than_the_arena_is_refused),
        cmocka_unit_test(one_byte_too_many_is_refused),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(memfd_that_can_change_is_refused),
        cmocka_unit_test(what_is_no_memfd_is_refused),
        cmocka_unit_test(memfd_without_sealing_takes_no_secret),
        cmocka_unit_test(length_never_exceeds_the_capacity),
        cmocka_unit_test(freed_secret_leaves_zeros),
        cmocka_unit_test(new_secret_is_empty),
        cmocka_unit_test(reading_goes_to_the_end),
        cmocka_unit_test(sealed_secret_arrives_and_cannot_change),
    };

    without_locking = start_without_locking();
    if (secret_init(ARENA, &cause) != KS_OK) {
        (void)fprintf(stderr, "secret_init: %s\n", cause.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
