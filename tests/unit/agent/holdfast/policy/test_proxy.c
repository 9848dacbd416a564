/* SPDX-License-Identifier: Apache-2.0 */
/* Which proxy is used: the one the operator says, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/policy/proxy.h"

static struct proxy proxy;
static struct err_cause cause;

static int
clear(void **state)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY",
                                        "all_proxy",   "ALL_PROXY",
                                        "no_proxy",    "NO_PROXY"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(unsetenv(names[i]), 0);
    memset(&proxy, 'x', sizeof proxy);
    return 0;
}

static void
other_addresses_are_refused(void **state)
{
    static const char *const addresses[] = {"",
                                            "proxy",
                                            "http://proxy",
                                            "https://proxy:3128",
                                            "socks5://proxy:1080",
                                            "http://proxy:0",
                                            "http://proxy:65536",
                                            "http://proxy:3128/path",
                                            "http://proxy:3128//",
                                            "http://:3128",
                                            "http://pro xy:3128",
                                            "http://proxy:3128?x",
                                            "http://[::1]",
                                            "http://::1:3128",
                                            "http://[fe80::1%25eth0]:3128",
                                            "Env"};

    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        assert_int_equal(proxy_choose(addresses[i], &proxy, &cause),
                         KS_ERR_USAGE);
    assert_int_equal(proxy.url[0], 'x');
}

static void
password_is_refused_and_not_repeated(void **state)
{
    (void)state;
    assert_int_equal(
        proxy_choose("http://user:hunter2@proxy:3128", &proxy, &cause),
        KS_ERR_USAGE);
    assert_non_null(strstr(cause.text, "password"));
    assert_null(strstr(cause.text, "hunter2"));
    assert_int_equal(setenv("https_proxy", "http://u:hunter2@p:1", 1), 0);
    assert_int_equal(proxy_choose("env", &proxy, &cause), KS_ERR_USAGE);
    assert_null(strstr(cause.text, "hunter2"));
}

static void
address_is_taken_with_and_without_scheme(void **state)
{
    static const char *const addresses[] = {
        "http://proxy.example:3128", "http://proxy.example:3128/",
        "HTTP://proxy.example:3128", "proxy.example:3128"};

    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        assert_int_equal(proxy_choose(addresses[i], &proxy, &cause), KS_OK);
        assert_string_equal(proxy.url, "http://proxy.example:3128");
        assert_string_equal(proxy.except, "");
    }
}

static void
ipv6_address_and_underscore_are_taken(void **state)
{
    (void)state;
    assert_int_equal(proxy_choose("http://[::1]:3128", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "http://[::1]:3128");
    assert_int_equal(proxy_choose("[2001:DB8:0::1]:80", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "http://[2001:db8::1]:80");
    assert_int_equal(proxy_choose("http://squid_proxy:3128", &proxy, &cause),
                     KS_OK);
    assert_string_equal(proxy.url, "http://squid_proxy:3128");
    assert_int_equal(proxy_choose("http://10.0.0.1:3128", &proxy, &cause),
                     KS_OK);
    assert_string_equal(proxy.url, "http://10.0.0.1:3128");
}

/* no_proxy belongs to the variables, not to an address that was given. */
static void
environment_counts_only_where_it_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(setenv("https_proxy", "http://small:1", 1), 0);
    assert_int_equal(setenv("no_proxy", "localhost,.example", 1), 0);
    assert_int_equal(proxy_choose("none", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "");
    assert_string_equal(proxy.except, "");
    assert_int_equal(proxy_choose("given:2", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "http://given:2");
    assert_string_equal(proxy.except, "");
    assert_int_equal(proxy_choose("env", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "http://small:1");
    assert_string_equal(proxy.except, "localhost,.example");
}

static void
variables_have_their_usual_order(void **state)
{
    (void)state;
    assert_int_equal(proxy_choose("env", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "");
    assert_int_equal(setenv("ALL_PROXY", "http://four:4", 1), 0);
    assert_int_equal(proxy_choose("env", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "http://four:4");
    assert_int_equal(setenv("all_proxy", "http://three:3", 1), 0);
    assert_int_equal(proxy_choose("env", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "http://three:3");
    assert_int_equal(setenv("HTTPS_PROXY", "http://two:2", 1), 0);
    assert_int_equal(proxy_choose("env", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "http://two:2");
    assert_int_equal(setenv("https_proxy", "http://one:1", 1), 0);
    assert_int_equal(setenv("NO_PROXY", "*", 1), 0);
    assert_int_equal(proxy_choose("env", &proxy, &cause), KS_OK);
    assert_string_equal(proxy.url, "http://one:1");
    assert_string_equal(proxy.except, "*");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(other_addresses_are_refused, clear),
        cmocka_unit_test_setup(password_is_refused_and_not_repeated, clear),
        cmocka_unit_test_setup(address_is_taken_with_and_without_scheme, clear),
        cmocka_unit_test_setup(ipv6_address_and_underscore_are_taken, clear),
        cmocka_unit_test_setup(environment_counts_only_where_it_is_asked_for,
                               clear),
        cmocka_unit_test_setup(variables_have_their_usual_order, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
