/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holdfast-net is asked while holdfast-token opens the token: the answer
 * is there when it is wanted, however long the token took.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <string.h>

#include "tests/programs/net_seat.h"

/* More than this holdfast-net's connections may take, which are 3 s. */
#define LONG_MILLISECONDS 4000

static struct net_seat seat;

static int
start(void **state)
{
    (void)state;
    net_seat_start(&seat);
    (void)strcpy(seat.hostile.script->vault, "7");
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    net_seat_stop(&seat);
    return 0;
}

static void
expect_self(void)
{
    struct err_cause cause = {""};

    if (net_seat_ask(&seat, HOSTILE_SELF, &cause) != KS_OK)
        fail_msg("%s", cause.text);
}

static void
asked_ahead_is_asked_once(void **state)
{
    struct err_cause cause = {""};

    (void)state;
    assert_int_equal(net_client_ask(seat.client, NET_SELF, &cause), KS_OK);
    expect_self();
    assert_int_equal(seat.hostile.script->asked[HOSTILE_SELF], 1);
}

/* Here it is holdfast-net itself that gives a connection up, as a server may
 * that waits for a handshake's end. */
static void
token_that_takes_long_costs_a_connection(void **state)
{
    struct err_cause cause = {""};

    (void)state;
    assert_int_equal(kill(seat.signer, SIGSTOP), 0);
    assert_int_equal(net_client_ask(seat.client, NET_SELF, &cause), KS_OK);
    (void)poll(NULL, 0, LONG_MILLISECONDS);
    assert_int_equal(kill(seat.signer, SIGCONT), 0);
    expect_self();
}

/* No other question gets its answer. */
static void
what_was_asked_ahead_is_taken_first(void **state)
{
    struct err_cause cause = {""};

    (void)state;
    assert_int_equal(net_client_ask(seat.client, NET_SELF, &cause), KS_OK);
    assert_int_equal(net_seat_ask(&seat, HOSTILE_LEAVE, &cause),
                     KS_ERR_INTERNAL);
    assert_int_equal(seat.hostile.script->asked[HOSTILE_LEAVE], 0);
    expect_self();
}

/* The failure of what was told before comes with the next call. */
static void
target_that_is_none_fails_the_next_call(void **state)
{
    static const struct layout_net_connect target = {
        .certificate = {(const uint8_t *)"x", 1},
        .authority = "",
        .tenant = "",
        .token_endpoint = "",
        .client_id = "",
        .audience = "",
        .endpoint = "",
        .vault = "",
        .proxy = "",
        .proxy_except = ""};
    struct err_cause cause = {""};

    (void)state;
    expect_self();
    assert_int_equal(net_client_connect(seat.client, &target, &cause), KS_OK);
    assert_int_equal(net_seat_ask(&seat, HOSTILE_SELF, &cause),
                     KS_ERR_INTERNAL);
    assert_non_null(strstr(cause.text, "one identity"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(target_that_is_none_fails_the_next_call,
                                        start, stop),
        cmocka_unit_test_setup_teardown(asked_ahead_is_asked_once, start, stop),
        cmocka_unit_test_setup_teardown(what_was_asked_ahead_is_taken_first,
                                        start, stop),
        cmocka_unit_test_setup_teardown(
            token_that_takes_long_costs_a_connection, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
