/* SPDX-License-Identifier: Apache-2.0 */
/* p11-kit's configuration: which modules it comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/hsm/pkcs11/config_case.h"

static void
users_configuration_counts_as_far_as_it_may(void **state)
{
    static const struct {
        const char *system; /* NULL: no such file */
        const char *user;
        const char *path; /* of module a */
        size_t count;
    } rows[] = {
        {NULL, NULL, "lib/b.so.1", 2},
        {"user-config: none\n", NULL, "lib/liba.so", 1},
        {"user-config: none\n", "user-config: only\n", "lib/liba.so", 1},
        {"user-config: only\n", NULL, "lib/b.so.1", 2},
        {NULL, "user-config: none\n", "lib/liba.so", 1},
        {NULL, "user-config: override\n", "lib/b.so.1", 2},
        {"user-config: only\n", "user-config: merge\n", "lib/b.so.1", 2},
    };

    (void)state;
    config_case_put("user/a.module", "module: b.so.1\n");
    config_case_put("user/z.module", "module: liba.so\n");
    config_case_put("package/a.module", "module: liba.so\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].system != NULL)
            config_case_put("system.conf", rows[i].system);
        if (rows[i].user != NULL)
            config_case_put("user.conf", rows[i].user);
        config_case_read();
        assert_int_equal(config_case.count, rows[i].count);
        assert_string_equal(config_case.modules[0].path,
                            config_case_inside(rows[i].path));
        (void)unlink(config_case_inside("system.conf"));
        (void)unlink(config_case_inside("user.conf"));
    }
    config_case_places.user_file[0] = config_case_places.user_modules[0] =
        '\0'; /* root's */
    config_case_read();
    assert_int_equal(config_case.count, 1);
    assert_string_equal(config_case.modules[0].path,
                        config_case_inside("lib/liba.so"));
}

static void
settings_are_merged_one_by_one(void **state)
{
    (void)state;
    config_case_put("system/a.module", "disable-in: other\n");
    config_case_put("package/a.module",
                    "module: liba.so\ndisable-in: holdfast\n");
    config_case_expect_path("lib/liba.so");
    config_case_put("user/a.module", "module:\n");
    config_case_read();
    assert_int_equal(config_case.count, 0);
}

static void
modules_that_are_not_for_us_are_left_out(void **state)
{
    static const struct {
        const char *settings;
        size_t count;
    } rows[] = {
        {"", 1},
        {"enable-in: holdfast\n", 1},
        {"enable-in: seahorse, holdfast-inspect\n", 1},
        {"enable-in:p11-kit-proxy ssh\n", 1},
        {"enable-in: seahorse\n", 0},
        {"enable-in:\n", 0},
        {"enable-in: holdfastened\n", 0},
        {"disable-in: seahorse,ssh\n", 1},
        {"disable-in: ssh,holdfast-token\n", 0},
        {"disable-in: p11-kit-proxy\n", 0},
        {"enable-in: holdfast\ndisable-in: holdfast\n", 1},
        {"remote: |ssh host p11-kit remote /m.so\n", 0},
        {"module:\n", 0},
        {"module: /nonexistent\nmodule: liba.so\n", 1},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(text, sizeof text, "  module :\tliba.so \r\n%s",
                       rows[i].settings);
        config_case_put("system/a.module", text);
        config_case_read();
        if (config_case.count != rows[i].count)
            fail_msg("%s", rows[i].settings);
        if (config_case.count == 1)
            assert_string_equal(config_case.modules[0].path,
                                config_case_inside("lib/liba.so"));
    }
}

static void
other_names_are_no_modules(void **state)
{
    static const char *const names[] = {"system/a.module.dpkg-old",
                                        "system/.module",
                                        "system/.a.module",
                                        "system/-a.module",
                                        "system/a~.module~",
                                        "system/a b.module",
                                        "system/README",
                                        "system/amodule"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        config_case_put(names[i], "module: liba.so\n");
    config_case_read();
    assert_int_equal(config_case.count, 0);
}

static void
nothing_configured_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(rmdir(config_case_inside("user")), 0);
    assert_int_equal(rmdir(config_case_inside("system")), 0);
    config_case_read();
    assert_int_equal(config_case.count, 0);
}

static void
module_is_called_by_its_file_and_its_library(void **state)
{
    (void)state;
    config_case_put("system/vendor.module", "module: liba.so\n");
    assert_true(pkcs11_config_is_called(config_case_only(), "vendor"));
    assert_true(pkcs11_config_is_called(config_case_only(), "a"));
    assert_false(pkcs11_config_is_called(config_case_only(), "liba"));
    assert_false(pkcs11_config_is_called(config_case_only(), "liba.so"));
    assert_false(pkcs11_config_is_called(config_case_only(), ""));
    config_case_put("system/vendor.module", "module: b.so.1\n");
    assert_true(pkcs11_config_is_called(config_case_only(), "b"));
    assert_false(pkcs11_config_is_called(config_case_only(), "b.so"));
}

/* To p11-kit the one is nothing, and the other an empty file. */
static void
directory_and_link_to_nothing_say_nothing(void **state)
{
    (void)state;
    assert_int_equal(mkdir(config_case_inside("user/a.module"), 0755), 0);
    assert_int_equal(symlink("/dev/null", config_case_inside("user/b.module")),
                     0);
    config_case_put("system/a.module", "module: liba.so\n");
    config_case_expect_path("lib/liba.so");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, config_case_start, config_case_stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(users_configuration_counts_as_far_as_it_may),
        TEST(settings_are_merged_one_by_one),
        TEST(modules_that_are_not_for_us_are_left_out),
        TEST(other_names_are_no_modules),
        TEST(nothing_configured_is_no_error),
        TEST(module_is_called_by_its_file_and_its_library),
        TEST(directory_and_link_to_nothing_say_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
