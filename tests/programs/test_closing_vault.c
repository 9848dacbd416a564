/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations with the real vault behind an nginx that closes its connection
 * after each reply: because it is set up so, or because the certificate of the
 * client has come to its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/support/rig_case.h"

#define LIFETIME 30 /* seconds, in which a registration is begun */
#define TWO_DAYS 172800

/* Of an enrolment, with evidence where the token gives any; then the machine
 * has one. */
static size_t
requests(void)
{
    return rig.kind == RIG_TPM2 ? 6 : 5;
}

static void
close_each_connection(void)
{
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_vaultlever(&rig, "keepalive", "0");
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
}

/* Connections of clients with a certificate, each of one request; those whose
 * certificate nginx calls VERIFIED. */
static size_t
count_connections(const char *verified)
{
    json_t *log = rig_access_log(&rig);
    json_t *line;
    size_t i, count = 0;

    json_array_foreach(log, i, line)
    {
        if (strstr(
                json_string_value(json_object_get(line, "ssl_client_verify")),
                verified) == NULL)
            continue;
        assert_int_equal(
            json_integer_value(json_object_get(line, "connection_requests")),
            1);
        count++;
    }
    json_decref(log);
    return count;
}

static void
expect_machine(void)
{
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
}

static void
vault_that_closes_each_connection_registers(void **state)
{
    (void)state;
    close_each_connection();
    rig_download(&rig, "one", file);
    expect_machine();
    assert_int_equal(count_connections("FAILED"), requests() + 1);
}

/* An attempt that does not come as far as the one before. */
static void
break_off(const char *path)
{
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register(&rig, &run, path);
    rig_expect(&run, 69, "the vault cannot be reached");
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
}

/* By nginx's clock, too, which is the machine's: after an expired certificate
 * it closes whatever it is set up for. */
static void
lost_reply_is_made_good_after_a_break_and_the_end(void **state)
{
    char offset[32];
    time_t end;

    (void)state;
    rig_use_net(&rig, NET_REPLY_LOST);
    snprintf(offset, sizeof offset, "%d", LIFETIME - TWO_DAYS);
    rig_vaultlever(&rig, "clock", offset);
    rig_download(&rig, "one", file);
    end = time(NULL) + LIFETIME;
    rig_vaultlever(&rig, "clock", "0");
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, "the connection broke");
    rig_use_net(&rig, NULL);
    break_off(file);
    while (time(NULL) <= end)
        (void)poll(NULL, 0, 100);
    expect_machine();
    assert_int_equal(count_connections("expired"), requests());
}

/* A holdfast-net that asks on and on is told so, and nothing is lost. */
static void
more_connections_than_a_run_may_need(void **state)
{
    (void)state;
    close_each_connection();
    rig_download(&rig, "one", file);
    rig_use_net(&rig, NET_MANY_NONCES);
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, "the vault's server ends too many connections");
    assert_null(strstr(run.err, "please report this"));
    assert_true(rig_exists(file));
    rig_use_net(&rig, NULL);
    expect_machine();
}

#define TEST(name) RIG_CASE(name, rig_case_start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(vault_that_closes_each_connection_registers),
        TEST(lost_reply_is_made_good_after_a_break_and_the_end),
        TEST(more_connections_than_a_run_may_need),
    };

    return rig_case_main(argc, argv, tests);
}
