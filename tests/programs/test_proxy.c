/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations by way of a real proxy, and never by one that nobody chose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/programs/forward.h"
#include "tests/support/rig_case.h"
#include "tests/programs/snapshot.h"

static struct forward forward;
static unsigned vault_port;

static int
start(void **state)
{
    (void)rig_case_start_one(state);
    vault_port = (unsigned)strtoul(strchr(rig.host, ':') + 1, NULL, 10);
    forward_start(&forward, rig.directory, vault_port, false);
    return 0;
}

static int
stop(void **state)
{
    assert_int_equal(unsetenv("https_proxy"), 0);
    assert_int_equal(unsetenv("no_proxy"), 0);
    forward_stop(&forward);
    return rig_case_stop(state);
}

static void
register_by(const char *proxy)
{
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--proxy",
                 proxy, file, NULL);
}

/* Refused in one line with STATUS; the file is as it was. */
static void
expect_refusal(const char *proxy, int status, const char *says)
{
    char *before = snapshot_take(file);
    char *after;

    register_by(proxy);
    rig_expect(&run, status, says);
    after = snapshot_take(file);
    assert_string_equal(after, before);
    free(before);
    free(after);
}

/* The password is in no line, and nothing was begun. */
static void
password_in_an_address_is_refused(void **state)
{
    char path[RIG_PATH + 16];

    (void)state;
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    expect_refusal("http://u:hunter2@localhost:3128", 64, "name and password");
    assert_null(strstr(run.err, "hunter2"));
    expect_refusal("socks5://localhost:1080", 64, "http://HOST:PORT");
    assert_int_equal(setenv("https_proxy", "http://u:hunter2@p:3128", 1), 0);
    expect_refusal("env", 64, "name and password");
    assert_null(strstr(run.err, "hunter2"));
    assert_false(rig_exists(path));
}

static void
proxy_that_refuses_is_told_so(void **state)
{
    struct forward other = {.ipv6 = false};

    (void)state;
    forward_start(&other, rig.directory, vault_port, true);
    expect_refusal(other.address, 69, "the proxy does not let this machine");
    assert_non_null(strstr(run.err, "answers 407"));
    forward_stop(&other);
    expect_refusal(other.address, 69, "the vault cannot be reached");
    forward_start(&other, rig.directory, 1, false);
    expect_refusal(other.address, 69, "the proxy does not let this machine");
    assert_non_null(strstr(run.err, "answers 403"));
    forward_stop(&other);
    assert_int_equal(rig_count_keys(&rig), 1);
    register_by("none");
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 1);
    assert_int_equal(forward_count(&forward, vault_port), 0);
}

/* What a stranger put into the environment leads nowhere. */
static void
environment_alone_chooses_no_proxy(void **state)
{
    (void)state;
    assert_int_equal(setenv("https_proxy", forward.address, 1), 0);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(forward_count(&forward, vault_port), 0);
}

static void
exception_is_reached_without_the_proxy(void **state)
{
    (void)state;
    assert_int_equal(setenv("https_proxy", "http://localhost:1", 1), 0);
    assert_int_equal(setenv("no_proxy", "localhost", 1), 0);
    register_by("env");
    rig_expect(&run, 0, "");
}

static void
proxy_of_the_environment_is_used_where_that_is_said(void **state)
{
    (void)state;
    assert_int_equal(setenv("https_proxy", forward.address, 1), 0);
    register_by("env");
    rig_expect(&run, 0, "");
    assert_int_equal(forward_count(&forward, vault_port), 2);
}

/* Two connections, the credential's and the machine's; then, by the recorded
 * way, the machine's once more. */
static void
all_of_a_registration_goes_through_the_proxy(void **state)
{
    (void)state;
    register_by(forward.address);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(forward_count(&forward, vault_port), 2);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(forward_count(&forward, vault_port), 3);
}

static void
proxy_at_an_ipv6_address_is_used(void **state)
{
    struct forward other = {.ipv6 = true};

    (void)state;
    forward_start(&other, rig.directory, vault_port, false);
    register_by(other.address);
    rig_expect(&run, 0, "");
    assert_int_equal(forward_count(&other, vault_port), 2);
    forward_stop(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(password_in_an_address_is_refused),
        TEST(proxy_that_refuses_is_told_so),
        TEST(environment_alone_chooses_no_proxy),
        TEST(exception_is_reached_without_the_proxy),
        TEST(proxy_of_the_environment_is_used_where_that_is_said),
        TEST(all_of_a_registration_goes_through_the_proxy),
        TEST(proxy_at_an_ipv6_address_is_used),
    };

    return rig_case_main(argc, argv, tests);
}
