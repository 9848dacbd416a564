/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes between another program's pipes and a connection, which is a socket
 * here: both ways, under pressure from both sides, and to every kind of end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/net/relay.h"
#include "tests/unit/agent/net/placed_bytes.h"

/* The other program, the relay's process, the vault. */
static int to_relay, from_relay, vault;
static pid_t relay;

/* In the relay's process. */
static int connection;

int __wrap_http_descriptor(const struct http *http);
long __wrap_http_send(struct http *http, const void *bytes, size_t length);
long __wrap_http_receive(struct http *http, void *bytes, size_t size);

int
__wrap_http_descriptor(const struct http *http)
{
    (void)http;
    return connection;
}

static long
result(ssize_t n)
{
    if (n < 0)
        return errno == EAGAIN ? 0 : -1;
    return n > 0 ? (long)n : -1;
}

long
__wrap_http_send(struct http *http, const void *bytes, size_t length)
{
    (void)http;
    return result(send(connection, bytes, length, MSG_NOSIGNAL));
}

long
__wrap_http_receive(struct http *http, void *bytes, size_t size)
{
    (void)http;
    return result(recv(connection, bytes, size, 0));
}

/* IN and OUT are as given; the relay's ends are closed here. */
static void
start_with(int in, int out)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
                     0);
    relay = fork();
    assert_true(relay >= 0);
    if (relay == 0) {
        connection = pair[1];
        close(pair[0]);
        close(to_relay);
        close(from_relay);
        fcntl(connection, F_SETFL, O_RDWR | O_NONBLOCK);
        _exit((int)net_relay(NULL, in, out, NULL));
    }
    close(pair[1]);
    close(in);
    if (out != in)
        close(out);
    vault = pair[0];
}

static int
start(void **state)
{
    int up[2], down[2];

    (void)state;
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    to_relay = up[1];
    from_relay = down[0];
    start_with(up[0], down[1]);
    return 0;
}

static void
end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int
stop(void **state)
{
    (void)state;
    end(&to_relay);
    end(&from_relay);
    end(&vault);
    if (relay > 0) {
        kill(relay, SIGKILL);
        waitpid(relay, NULL, 0);
    }
    return 0;
}

/* What the relay returned. */
static void
expect_end(enum ks_err rc)
{
    int status;

    assert_int_equal(waitpid(relay, &status, 0), relay);
    relay = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), rc);
}

static void
lost_connection_is_an_error(void **state)
{
    (void)state;
    end(&vault);
    expect_end(KS_ERR_NET);
}

static void
what_came_before_the_connection_was_lost_arrives(void **state)
{
    size_t got = 0;

    (void)state;
    assert_int_equal(placed_bytes_push(vault, 0, 60000), 60000);
    end(&vault);
    while (got < 60000)
        got += placed_bytes_pull(from_relay, got);
    expect_end(KS_ERR_NET);
}

static void
connection_lost_while_nobody_reads_is_an_error(void **state)
{
    size_t length = placed_bytes_fill(vault), got = 0;
    uint8_t byte;

    (void)state;
    end(&vault);
    while (got < length)
        got += placed_bytes_pull(from_relay, got);
    expect_end(KS_ERR_NET);
    assert_int_equal(read(from_relay, &byte, 1), 0);
}

static void
both_ways_carry_more_than_any_buffer(void **state)
{
    (void)state;
    placed_bytes_pass(to_relay, vault, PLACED_BYTES_MUCH);
    placed_bytes_pass(vault, from_relay, PLACED_BYTES_MUCH);
    end(&to_relay);
    expect_end(KS_OK);
}

/* Nothing is taken from the one that the other does not take. */
static void
each_side_is_held_back_by_the_other(void **state)
{
    size_t up = placed_bytes_fill(to_relay), down = placed_bytes_fill(vault),
           got;

    (void)state;
    assert_true(up < PLACED_BYTES_MUCH && down < PLACED_BYTES_MUCH);
    for (got = 0; got < up;)
        got += placed_bytes_pull(vault, got);
    for (got = 0; got < down;)
        got += placed_bytes_pull(from_relay, got);
    placed_bytes_pass(to_relay, vault, 1);
    end(&to_relay);
    expect_end(KS_OK);
}

static void
what_the_program_said_last_still_goes_up(void **state)
{
    size_t length = placed_bytes_fill(to_relay), got = 0;

    (void)state;
    end(&to_relay);
    while (got < length)
        got += placed_bytes_pull(vault, got);
    expect_end(KS_OK);
}

/* The backlog would keep the relay from seeing that IN has ended. */
static void
program_that_dies_ends_it_even_if_the_vault_takes_nothing(void **state)
{
    (void)state;
    assert_true(placed_bytes_fill(to_relay) < PLACED_BYTES_MUCH);
    end(&to_relay);
    end(&from_relay);
    expect_end(KS_OK);
}

static void
nobody_reading_is_the_end(void **state)
{
    (void)state;
    end(&from_relay);
    expect_end(KS_OK);
}

/* A shell's terminal, say, which both are. */
static void
shared_description_is_left_as_it_was(void **state)
{
    int pair[2], flags, kept;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    kept = dup(pair[1]);
    flags = fcntl(kept, F_GETFL);
    to_relay = from_relay = pair[0];
    start_with(pair[1], pair[1]);
    placed_bytes_pass(to_relay, vault, 1);
    assert_true((fcntl(kept, F_GETFL) & O_NONBLOCK) != 0);
    shutdown(to_relay, SHUT_WR);
    expect_end(KS_OK);
    assert_int_equal(fcntl(kept, F_GETFL), flags);
    close(kept);
    from_relay = -1;
}

static void
descriptor_that_is_none_is_refused(void **state)
{
    int null = open("/dev/null", O_WRONLY);

    (void)state;
    to_relay = from_relay = -1;
    start_with(999, null);
    expect_end(KS_ERR_INTERNAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
#define BARE_TEST(name) cmocka_unit_test_teardown(name, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BARE_TEST(descriptor_that_is_none_is_refused),
        TEST(lost_connection_is_an_error),
        TEST(what_came_before_the_connection_was_lost_arrives),
        TEST(connection_lost_while_nobody_reads_is_an_error),
        TEST(both_ways_carry_more_than_any_buffer),
        TEST(each_side_is_held_back_by_the_other),
        TEST(what_the_program_said_last_still_goes_up),
        TEST(program_that_dies_ends_it_even_if_the_vault_takes_nothing),
        TEST(nobody_reading_is_the_end),
        BARE_TEST(shared_description_is_left_as_it_was),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
