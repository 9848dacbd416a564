/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/credfile.h: which files are taken, and that nothing is opened
 * of those that are not. */
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keystore/file/credfile.h"
#include "tests/unit/keystore/file/credfile_case.h"
#include "tests/unit/keystore/file/place.h"

#define LARGEST (256 * 1024)
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)
#define OTHER_USER 4711

static void
missing_file_is_missing(void **state)
{
    (void)state;
    write_credential("file");
    assert_int_equal(try_name("none"), KS_ERR_FILE_MISSING);
    assert_int_equal(try_name("none/file"), KS_ERR_FILE_MISSING);
    assert_int_equal(try_name("file/file"), KS_ERR_FILE_MISSING);
    assert_int_equal(try_path(""), KS_ERR_FILE_MISSING);
}

/* A FIFO without a writer would block whoever opens it. */
static void
what_is_no_plain_file_is_refused_unopened(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s",
                   place_path("socket"));
    assert_int_equal(
        bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(mkfifo(place_path("fifo"), 0600), 0);
    (void)alarm(20);
    assert_int_equal(try_name("fifo"), KS_ERR_FILE_KIND);
    assert_int_equal(try_name("socket"), KS_ERR_FILE_KIND);
    assert_int_equal(try_path("/dev/null"), KS_ERR_FILE_KIND);
    assert_int_equal(try_path("/dev/tty"), KS_ERR_FILE_KIND);
    (void)alarm(0);
    (void)close(listener);
}

static void
second_hard_link_is_refused(void **state)
{
    (void)state;
    write_credential("file");
    assert_int_equal(link(place_path("file"), place_path("second")), 0);
    assert_int_equal(try_name("file"), KS_ERR_FILE_KIND);
    assert_int_equal(unlink(place_path("second")), 0);
    assert_int_equal(try_name("file"), KS_OK);
}

static void
size_has_limits(void **state)
{
    (void)state;
    place_write("file", "", 0, 0600);
    assert_int_equal(try_name("file"), KS_ERR_CRED_FORMAT);
    assert_int_equal(truncate(place_path("file"), LARGEST + 1), 0);
    assert_int_equal(try_name("file"), KS_ERR_CRED_FORMAT);
    assert_int_equal(truncate(place_path("file"), LARGEST), 0);
    assert_int_equal(try_name("file"), KS_OK);
    assert_int_equal(truncate(place_path("file"), 1), 0);
    assert_int_equal(try_name("file"), KS_OK);
}

static void
any_right_of_others_exposes_it(void **state)
{
    (void)state;
    write_credential("file");
    for (mode_t bit = 1; bit <= 040; bit <<= 1) {
        place_mode("file", 0600 | bit);
        assert_int_equal(try_name("file"), KS_ERR_FILE_EXPOSED);
    }
    place_mode("file", 0600);
    assert_int_equal(try_name("file"), KS_OK);
}

static void
foreign_file_is_exposed(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    write_credential("file");
    assert_int_equal(chown(place_path("file"), OTHER_USER, 0), 0);
    assert_int_equal(try_name("file"), KS_ERR_FILE_EXPOSED);
    assert_int_equal(chown(place_path("file"), 0, 0), 0);
    assert_int_equal(try_name("file"), KS_OK);
}

static void
who_called_sudo_is_no_foreigner(void **state)
{
    static const char *const no_numbers[] = {"",
                                             "4711x",
                                             " 4711",
                                             "4711 ",
                                             "+4711",
                                             "-1",
                                             "0x1267",
                                             "4294967295",
                                             "4712",
                                             "4294972007",
                                             "18446744073709556327"};

    (void)state;
    if (geteuid() != 0)
        skip();
    write_credential("file");
    assert_int_equal(chown(place_path("file"), OTHER_USER, 0), 0);
    for (size_t i = 0; i < sizeof no_numbers / sizeof no_numbers[0]; i++) {
        assert_int_equal(setenv("SUDO_UID", no_numbers[i], 1), 0);
        assert_int_equal(try_name("file"), KS_ERR_FILE_EXPOSED);
    }
    assert_int_equal(setenv("SUDO_UID", "4711", 1), 0);
    assert_int_equal(try_name("file"), KS_OK);
    assert_int_equal(unsetenv("SUDO_UID"), 0);
}

static int
open_file(void)
{
    return (int)try_name("file");
}

/* The file's owner would be trusted if only root said so. */
static void
ordinary_user_cannot_claim_sudo(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    place_mode("", 0755);
    write_credential("file");
    assert_int_equal(chown(place_path("file"), OTHER_USER, 0), 0);
    assert_int_equal(setenv("SUDO_UID", "4711", 1), 0);
    assert_int_equal(try_name("file"), KS_OK);
    assert_int_equal(place_unprivileged(open_file), KS_ERR_FILE_EXPOSED);
    assert_int_equal(unsetenv("SUDO_UID"), 0);
}

static void
file_that_cannot_be_written_to_is_refused(void **state)
{
    (void)state;
    place_write("file", "x", 1, 0400);
    place_give();
    assert_int_equal(place_unprivileged(open_file), KS_ERR_WIPE);
    place_mode("file", 0600);
    assert_int_equal(place_unprivileged(open_file), KS_OK);
}

static void
file_that_cannot_be_read_is_refused(void **state)
{
    (void)state;
    place_write("file", "x", 1, 0200);
    place_give();
    assert_int_equal(place_unprivileged(open_file), KS_ERR_PERMISSION);
}

static void
file_open_elsewhere_is_busy(void **state)
{
    static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR};

    (void)state;
    write_credential("file");
    for (size_t i = 0; i < 3; i++) {
        int other = open(place_path("file"), flags[i] | O_CLOEXEC);

        assert_true(other >= 0);
        assert_int_equal(try_name("file"), KS_ERR_FILE_BUSY);
        (void)close(other);
        assert_int_equal(try_name("file"), KS_OK);
    }
}

/* A lease that was kept would make this open fail, and its signal end us. */
static void
lease_is_released(void **state)
{
    struct credfile *file = NULL;
    int other;

    (void)state;
    write_credential("file");
    assert_int_equal(credfile_open(place_path("file"), &file, &cause), KS_OK);
    other = open(place_path("file"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_true(other >= 0);
    (void)close(other);
    credfile_close(&file);
}

static int
open_again_and_again(void)
{
    struct credfile *file = NULL;

    for (int i = 0; i < 500; i++) {
        if (credfile_open(place_path("file"), &file, &cause) != KS_OK &&
            file != NULL)
            return 1;
        credfile_close(&file);
    }
    return 0;
}

/* Whoever opens the file while the lease is held breaks it, and the kernel
 * tells us so by a signal. */
static void
signal_of_a_broken_lease_is_survived(void **state)
{
    pid_t disturber = fork();
    int result;

    (void)state;
    assert_true(disturber >= 0);
    while (disturber == 0) {
        int fd = open(place_path("file"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);

        if (fd >= 0)
            (void)close(fd);
    }
    write_credential("file");
    result = place_child(open_again_and_again);
    assert_int_equal(kill(disturber, SIGKILL), 0);
    assert_int_equal(waitpid(disturber, NULL, 0), disturber);
    assert_int_equal(result, 0);
}

static void
reader_reads_and_nothing_else(void **state)
{
    struct credfile *file = NULL;
    char text[32] = "";

    (void)state;
    write_credential("file");
    assert_int_equal(credfile_open(place_path("file"), &file, &cause), KS_OK);
    assert_int_equal(read(credfile_reader(file), text, sizeof text), 12);
    assert_string_equal(text, "a credential");
    assert_int_equal(write(credfile_reader(file), "x", 1), -1);
    assert_int_equal(fcntl(credfile_reader(file), F_GETFD), FD_CLOEXEC);
    credfile_close(&file);
    credfile_close(&file);
}

static void
what_takes_the_name_later_is_not_read(void **state)
{
    struct credfile *file = NULL;
    char text[32] = "";

    (void)state;
    write_credential("file");
    place_write("other", "another", 7, 0600);
    assert_int_equal(credfile_open(place_path("file"), &file, &cause), KS_OK);
    assert_int_equal(rename(place_path("other"), place_path("file")), 0);
    assert_int_equal(read(credfile_reader(file), text, sizeof text), 12);
    assert_string_equal(text, "a credential");
    credfile_close(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(missing_file_is_missing),
        TEST(what_is_no_plain_file_is_refused_unopened),
        TEST(second_hard_link_is_refused),
        TEST(size_has_limits),
        TEST(any_right_of_others_exposes_it),
        TEST(foreign_file_is_exposed),
        TEST(who_called_sudo_is_no_foreigner),
        TEST(ordinary_user_cannot_claim_sudo),
        TEST(file_that_cannot_be_written_to_is_refused),
        TEST(file_that_cannot_be_read_is_refused),
        TEST(file_open_elsewhere_is_busy),
        TEST(lease_is_released),
        TEST(signal_of_a_broken_lease_is_survived),
        TEST(reader_reads_and_nothing_else),
        TEST(what_takes_the_name_later_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
