/* SPDX-License-Identifier: Apache-2.0 */
/* Where a PIN may come from, and that a refused one is not tried twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/session/pin.h"
#include "tests/support/own_directory.h"

static char pin_path[96];
static int directory_fd = -1;
static struct err_cause cause;

static void
write_pin(const char *pin)
{
    int fd = open(pin_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, pin, strlen(pin)), strlen(pin));
    close(fd);
}

static int
setup(void **state)
{
    (void)own_directory_make(state);
    (void)snprintf(pin_path, sizeof pin_path, "%s/pin", directory);
    directory_fd = open(directory, O_RDONLY | O_DIRECTORY);
    write_pin("123456\n");
    return 0;
}

static int
teardown(void **state)
{
    close(directory_fd);
    return own_directory_remove(state);
}

static void
file_that_others_may_read_is_refused(void **state)
{
    struct pin_source source;

    (void)state;
    assert_int_equal(chmod(pin_path, 0640), 0);
    assert_int_equal(pin_open(pin_path, &source, &cause), KS_ERR_PERMISSION);
}

/* The owner of a file can read it, and have another PIN tried. */
static void
file_of_another_user_is_refused(void **state)
{
    struct pin_source source;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(pin_path, 4711, 0), 0);
    assert_int_equal(pin_open(pin_path, &source, &cause), KS_ERR_PERMISSION);
    assert_non_null(strstr(cause.text, "belongs to user 4711"));
    assert_int_equal(setenv("SUDO_UID", "4711", 1), 0);
    assert_int_equal(pin_open(pin_path, &source, &cause), KS_OK);
    close(source.fd);
    assert_int_equal(unsetenv("SUDO_UID"), 0);
}

static void
sources_that_are_not_there_are_refused(void **state)
{
    static const char *const names[] = {
        "/nonexistent/pin", "fd:",      "fd:x",           "fd:-1",
        "fd:999",           "systemd:", "systemd:../pin", "systemd:missing"};
    struct pin_source source;

    (void)state;
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", directory, 1), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(pin_open(names[i], &source, &cause),
                         KS_ERR_PIN_NEEDED);
}

static void
file_descriptor_and_systemd_credential_are_opened(void **state)
{
    struct pin_source source;
    char name[32];
    char text[8] = "";
    int fd = open(pin_path, O_RDONLY);

    (void)state;
    (void)snprintf(name, sizeof name, "fd:%d", fd);
    assert_int_equal(pin_open(name, &source, &cause), KS_OK);
    assert_int_equal(read(source.fd, text, 6), 6);
    assert_string_equal(text, "123456");
    close(source.fd);
    close(fd);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", directory, 1), 0);
    assert_int_equal(pin_open("systemd:pin", &source, &cause), KS_OK);
    close(source.fd);
}

static void
refused_pin_is_latched_until_its_file_changes(void **state)
{
    struct pin_source source;

    (void)state;
    assert_int_equal(pin_open(pin_path, &source, &cause), KS_OK);
    assert_int_equal(pin_latch_check(directory_fd, "1", &source, &cause),
                     KS_OK);
    assert_int_equal(pin_latch_set(directory_fd, "1", &source, &cause), KS_OK);
    assert_int_equal(pin_latch_check(directory_fd, "1", &source, &cause),
                     KS_ERR_PIN_WRONG);
    assert_int_equal(pin_latch_check(directory_fd, "2", &source, &cause),
                     KS_OK);
    close(source.fd);
    assert_int_equal(unlink(pin_path), 0);
    write_pin("654321\n");
    assert_int_equal(pin_open(pin_path, &source, &cause), KS_OK);
    assert_int_equal(pin_latch_check(directory_fd, "1", &source, &cause),
                     KS_OK);
    close(source.fd);
}

/* A service that starts again must not burn the tries of a token: nothing can
 * be seen of a descriptor's content. */
static void
refused_pin_of_a_descriptor_stays_latched(void **state)
{
    struct pin_source source = {.fd = -1};
    struct pin_source terminal = {.fd = -1, .is_terminal = true};

    (void)state;
    assert_int_equal(pin_latch_set(directory_fd, "1", &source, &cause), KS_OK);
    assert_int_equal(pin_latch_check(directory_fd, "1", &source, &cause),
                     KS_ERR_PIN_WRONG);
    assert_int_equal(pin_latch_check(directory_fd, "1", &terminal, &cause),
                     KS_OK);
    pin_latch_clear(directory_fd);
    assert_int_equal(pin_latch_check(directory_fd, "1", &source, &cause),
                     KS_OK);
}

static void
damaged_latch_stays_closed(void **state)
{
    struct pin_source source = {.fd = -1};
    int fd = openat(directory_fd, "pin-refused", O_WRONLY | O_CREAT, 0600);

    (void)state;
    assert_int_equal(write(fd, "{", 1), 1);
    close(fd);
    assert_int_equal(pin_latch_check(directory_fd, "1", &source, &cause),
                     KS_ERR_PIN_WRONG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(file_that_others_may_read_is_refused),
        TEST(file_of_another_user_is_refused),
        TEST(sources_that_are_not_there_are_refused),
        TEST(file_descriptor_and_systemd_credential_are_opened),
        TEST(refused_pin_is_latched_until_its_file_changes),
        TEST(refused_pin_of_a_descriptor_stays_latched),
        TEST(damaged_latch_stays_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
