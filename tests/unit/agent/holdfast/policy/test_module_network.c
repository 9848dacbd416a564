/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what a module may reach, and the file that has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/policy/module_network.h"
#include "tests/support/fresh_directory.h"

struct module_network_place __wrap_module_network_place(void);

static char directory[FRESH_DIRECTORY];
static char path[FRESH_DIRECTORY + 16];
static char module[FRESH_DIRECTORY + 16];
static char link_path[FRESH_DIRECTORY + 16];
static char words[SANDBOX_NETWORK_WORDS];
static struct err_cause cause;

/* Root's in earnest; here it is the caller's. */
struct module_network_place
__wrap_module_network_place(void)
{
    return (struct module_network_place){path, geteuid()};
}

static void
put(const char *at, const char *text, mode_t mode)
{
    FILE *file = fopen(at, "we");

    assert_non_null(file);
    assert_int_not_equal(fputs(text, file), EOF);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(at, mode), 0);
}

static int
start(void **state)
{
    (void)state;
    assert_true(fresh_directory("network", directory));
    snprintf(path, sizeof path, "%s/network", directory);
    snprintf(link_path, sizeof link_path, "%s/link.so", directory);
    snprintf(module, sizeof module, "%s/module.so", directory);
    put(module, "", 0644);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)unlink(module);
    (void)unlink(link_path);
    assert_int_equal(rmdir(directory), 0);
    return 0;
}

static enum ks_err
find(const char *line)
{
    char text[2 * FRESH_DIRECTORY + 512];

    snprintf(text, sizeof text, "# a comment\n\n/nowhere/m.so tcp:1\n%s%s\n",
             module, line);
    put(path, text, 0644);
    return module_network_find(module, words, &cause);
}

static void
words_are_numbers_of_ports(void **state)
{
    struct sandbox_network network;

    (void)state;
    assert_int_equal(
        sandbox_network_parse("tcp:1 tcp:65535\tudp", &network, &cause), KS_OK);
    assert_int_equal(network.count, 2);
    assert_int_equal(network.port[1], 65535);
    assert_true(network.udp);
    assert_false(network.any_port);
    assert_int_equal(sandbox_network_parse("tcp:*", &network, &cause), KS_OK);
    assert_true(network.any_port);
    assert_false(network.udp);
}

static void
other_words_are_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "udp",
        "tcp",
        "tcp:",
        "tcp:0",
        "tcp:65536",
        "tcp:-1",
        "tcp:+1",
        "tcp: 1",
        "tcp:1x",
        "tcp:0x10",
        "TCP:1",
        "tcp:1,udp",
        "hsm.test",
        "tcp:hsm.test:1",
        "tcp:1 all",
        "tcp:1 sctp",
        "tcp:1 tcp:2 tcp:3 tcp:4 tcp:5 tcp:6 tcp:7 tcp:8 tcp:9"};
    struct sandbox_network network;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (sandbox_network_parse(rows[i], &network, &cause) !=
            KS_ERR_TOKEN_NETWORK)
            fail_msg("%s", rows[i]);
}

static void
module_without_a_line_has_none(void **state)
{
    (void)state;
    assert_int_equal(module_network_find(module, words, &cause), KS_OK);
    assert_string_equal(words, "");
    put(path, "/bin/sh tcp:*\nmodule.so tcp:*\n", 0644);
    assert_int_equal(module_network_find(module, words, &cause), KS_OK);
    assert_string_equal(words, "");
}

static void
line_counts_by_the_real_path(void **state)
{
    (void)state;
    assert_int_equal(find(" tcp:12345 udp # a connector"), KS_OK);
    assert_string_equal(words, "tcp:12345 udp ");
    assert_int_equal(symlink(module, link_path), 0);
    assert_int_equal(module_network_find(link_path, words, &cause), KS_OK);
    assert_string_equal(words, "tcp:12345 udp ");
}

static void
bad_line_is_told(void **state)
{
    (void)state;
    assert_int_equal(find(" 10.0.0.1"), KS_ERR_TOKEN_NETWORK);
    assert_non_null(strstr(cause.text, "network: line 4: \"10.0.0.1\""));
    assert_int_equal(find(""), KS_ERR_TOKEN_NETWORK);
    assert_non_null(strstr(cause.text, "missing"));
}

static void
file_that_others_may_write_is_refused(void **state)
{
    (void)state;
    assert_int_equal(find(" tcp:1"), KS_OK);
    assert_int_equal(chmod(path, 0646), 0);
    assert_int_equal(module_network_find(module, words, &cause),
                     KS_ERR_TOKEN_NETWORK);
    assert_non_null(strstr(cause.text, "may change"));
    assert_string_equal(words, "");
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(chmod(directory, 0777), 0);
    assert_int_equal(module_network_find(module, words, &cause),
                     KS_ERR_TOKEN_NETWORK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_numbers_of_ports),
        cmocka_unit_test(other_words_are_refused),
        TEST(module_without_a_line_has_none),
        TEST(line_counts_by_the_real_path),
        TEST(bad_line_is_told),
        TEST(file_that_others_may_write_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
