/* SPDX-License-Identifier: Apache-2.0 */
/* The tap, seen through other people's clients: what it counts and keeps is
 * what passed, and it ends when it should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/tpm2/tap_case.h"

static void
place_that_does_not_do_is_refused(void **state)
{
    char deep[128];

    (void)state;
    memset(deep, 'a', sizeof deep);
    (void)memcpy(deep, "/tmp/", strlen("/tmp/"));
    deep[sizeof deep - 1] = '\0';
    assert_null(tap_new(tap_case_swtpm(), deep));
    assert_null(tap_new(tap_case_swtpm(), "tmp"));
    assert_null(tap_new(tap_case_swtpm(), "/nonexistent"));
    /* One is there already. */
    assert_null(tap_new(tap_case_swtpm(), tap_case_directory()));
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
}

static void
commands_are_counted_by_code(void **state)
{
    (void)state;
    assert_int_equal(tap_count(tap_case.tap, 0), 0);
    tap_case_get_random();
    tap_case_get_random();
    assert_int_equal(tap_count(tap_case.tap, CC_GET_RANDOM), 2);
    assert_int_equal(tap_count(tap_case.tap, CC_GET_CAPABILITY), 2);
    assert_int_equal(tap_count(tap_case.tap, CC_CREATE_PRIMARY), 0);
    assert_int_equal(tap_count(tap_case.tap, 0), 4);
    tap_reset(tap_case.tap);
    assert_int_equal(tap_count(tap_case.tap, CC_GET_RANDOM), 0);
    assert_int_equal(tap_count(tap_case.tap, 0), 0);
    tap_case_get_random();
    assert_int_equal(tap_count(tap_case.tap, 0), 2);
}

static void
openssl_goes_through_it_too(void **state)
{
    char tcti[160];
    const char *argv[] = {
        "/usr/bin/openssl", "rand", "-provider", "tpm2", "-hex", "16", NULL};

    (void)state;
    (void)snprintf(tcti, sizeof tcti, "swtpm:path=%s",
                   tap_socket(tap_case.tap));
    assert_int_equal(setenv("TPM2OPENSSL_TCTI", tcti, 1), 0);
    rig_run(&tap_case.run, argv);
    rig_expect(&tap_case.run, 0, "");
    assert_true(tap_count(tap_case.tap, CC_GET_RANDOM) >= 1);
}

/* Four at a time: one is served, the others wait. */
static void
clients_do_not_disturb_each_other(void **state)
{
    static const char script[] =
        "for i in 1 2 3 4; do \"$0\" getrandom --tcti \"swtpm:path=$1\" "
        "--hex 16 >/dev/null & pids=\"$pids $!\"; done; "
        "for pid in $pids; do wait \"$pid\" || exit 1; done";
    const char *argv[] = {
        "/bin/sh", "-c", script, TPM2_TOOLS, tap_socket(tap_case.tap), NULL};

    (void)state;
    rig_run(&tap_case.run, argv);
    rig_expect(&tap_case.run, 0, "");
    assert_int_equal(tap_count(tap_case.tap, CC_GET_RANDOM), 4);
    assert_int_equal(tap_count(tap_case.tap, 0), 8);
}

/* What the TPM said, as the tool printed it. */
static void
responses_are_kept(void **state)
{
    uint8_t random[16];

    (void)state;
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
    for (size_t i = 0; i < sizeof random; i++)
        assert_int_equal(sscanf(tap_case.run.out + 2 * i, "%2hhx", &random[i]),
                         1);
    assert_true(tap_saw(tap_case.tap, random, sizeof random));
    random[7] ^= 1;
    assert_false(tap_saw(tap_case.tap, random, sizeof random));
}

static void
commands_are_kept_even_if_cut(void **state)
{
    static const char said[] = "a seed from outside";
    char path[128];
    FILE *file;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/said", tap_case_directory());
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(said, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_false(tap_saw(tap_case.tap, said, strlen(said)));
    tap_inject(
        tap_case.tap,
        &(struct tap_fault){.action = TAP_CUT, .nth = 1, .times = TAP_ALWAYS});
    tpm2_tool(&tap_case.run, tap_socket(tap_case.tap), "stirrandom", path,
              NULL);
    assert_int_not_equal(tap_case.run.status, 0);
    assert_true(tap_saw(tap_case.tap, said, strlen(said)));
}

static int
connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static void
bytes_that_are_no_command_end_the_connection(void **state)
{
    static const uint8_t wrong[][10] = {
        {0x80, 1, 0, 0, 0, 9, 0, 0, 1, 0x7b},          /* less than a header */
        {0x80, 1, 0, 0, 0x10, 1, 0, 0, 1, 0x7b},       /* 4097 bytes */
        {0x80, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 1}, /* 4 GiB */
    };
    uint8_t answer;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int fd = connect_to(tap_socket(tap_case.tap));

        assert_true(fd >= 0);
        assert_int_equal(send(fd, wrong[i], sizeof wrong[i], 0), 10);
        assert_int_equal(recv(fd, &answer, 1, 0), 0);
        assert_int_equal(close(fd), 0);
    }
    assert_int_equal(tap_count(tap_case.tap, 0), 0);
    tap_case_get_random();
    rig_expect(&tap_case.run, 0, "");
}

static void
it_ends_when_it_is_freed(void **state)
{
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s", tap_socket(tap_case.tap));
    tap_free(&tap_case.tap);
    assert_null(tap_case.tap);
    assert_int_equal(connect_to(path), -1);
}

/* A process that made a tap and died without a word. */
static void
it_ends_with_its_maker(void **state)
{
    char directory[128];
    uint8_t byte;
    int pair[2], status, fd;
    pid_t maker;

    (void)state;
    tap_free(&tap_case.tap);
    (void)snprintf(directory, sizeof directory, "%s/keys",
                   tap_case_directory());
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
                     0);
    maker = fork();
    if (maker == 0) {
        struct tap *own = tap_new(tap_case_swtpm(), directory);

        if (own == NULL || send(pair[1], "", 1, 0) != 1 ||
            recv(pair[1], &byte, 1, 0) != 1)
            _exit(1);
        _exit(0);
    }
    assert_int_equal(recv(pair[0], &byte, 1, 0), 1);
    (void)strncat(directory, "/tap", sizeof directory - strlen(directory) - 1);
    fd = connect_to(directory);
    assert_true(fd >= 0);
    assert_int_equal(send(pair[0], "", 1, 0), 1);
    assert_int_equal(waitpid(maker, &status, 0), maker);
    assert_int_equal(status, 0);
    /* Whether it had taken the call (0) or not (reset). */
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    (void)close(fd);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TAP_CASE(place_that_does_not_do_is_refused),
        TAP_CASE(bytes_that_are_no_command_end_the_connection),
        TAP_CASE(commands_are_counted_by_code),
        TAP_CASE(responses_are_kept),
        TAP_CASE(commands_are_kept_even_if_cut),
        TAP_CASE(openssl_goes_through_it_too),
        TAP_CASE(clients_do_not_disturb_each_other),
        TAP_CASE(it_ends_when_it_is_freed),
        TAP_CASE(it_ends_with_its_maker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
