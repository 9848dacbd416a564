/* SPDX-License-Identifier: Apache-2.0 */
/* p11-kit's configuration: what others could have written, or what is none, is
 * refused, and hides nothing of the rest. */
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
expect_refused(const char *name, const char *says)
{
    const struct pkcs11_config_module *module = config_case_only();

    assert_string_equal(module->name, name);
    assert_string_equal(module->path, "");
    assert_int_equal(module->fault, KS_ERR_TOKEN_MODULE);
    if (strstr(module->why.text, says) == NULL)
        fail_msg("%s: %s", name, module->why.text);
}

static void
expect_whole_refused(const char *says)
{
    struct err_cause cause;

    pkcs11_config_free(&config_case);
    assert_int_equal(
        pkcs11_config_read(&config_case_places, &config_case, &cause),
        KS_ERR_TOKEN_MODULE);
    if (strstr(cause.text, says) == NULL)
        fail_msg("%s", cause.text);
    assert_null(config_case.modules);
}

static void
module_that_others_may_write_is_refused(void **state)
{
    (void)state;
    config_case_put("system/a.module", "module: liba.so\n");
    config_case_expect_path("lib/liba.so");
    assert_int_equal(chmod(config_case_inside("lib/liba.so"), 0666), 0);
    expect_refused("a", "may change");
    assert_int_equal(chmod(config_case_inside("lib/liba.so"), 0644), 0);
    assert_int_equal(chmod(config_case_inside("lib"), 0775), 0);
    expect_refused("a", "may change");
}

static void
file_that_others_may_write_is_refused(void **state)
{
    static const char *const files[] = {"user/a.module", "system/a.module",
                                        "package/a.module"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        config_case_put(files[i], "module: liba.so\n");
        config_case_expect_path("lib/liba.so");
        assert_int_equal(chmod(config_case_inside(files[i]), 0664), 0);
        expect_refused("a", "may change");
        assert_int_equal(unlink(config_case_inside(files[i])), 0);
    }
}

/* What is in it may have been another's file until somebody took it away. */
static void
directory_that_others_may_write_is_refused(void **state)
{
    static const char *const directories[] = {"user", "system", "package"};
    char name[64];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s/a.module", directories[i]);
        config_case_put(name, "module: liba.so\n");
        assert_int_equal(chmod(config_case_inside(directories[i]), 0777), 0);
        expect_refused(config_case_inside(directories[i]), "may change");
        assert_int_equal(unlink(config_case_inside(name)), 0);
        expect_refused(config_case_inside(directories[i]), "may change");
        /* Others may not take the first away, and may add one. */
        assert_int_equal(chmod(config_case_inside(directories[i]), 01777), 0);
        expect_refused(config_case_inside(directories[i]), "may change");
        assert_int_equal(chmod(config_case_inside(directories[i]), 0755), 0);
    }
}

/* Whoever may turn a link on the way chooses among the files at its end. */
static void
links_through_what_others_may_write_are_refused(void **state)
{
    (void)state;
    assert_int_equal(mkdir(config_case_inside("theirs"), 0755), 0);
    assert_int_equal(symlink(config_case_inside("lib/liba.so"),
                             config_case_inside("theirs/middle.so")),
                     0);
    assert_int_equal(
        symlink("../theirs/middle.so", config_case_inside("lib/first.so")), 0);
    config_case_put("system/a.module", "module: first.so\n");
    config_case_expect_path("lib/first.so");
    assert_string_equal(config_case.modules[0].real,
                        config_case_inside("lib/liba.so"));
    assert_int_equal(chmod(config_case_inside("theirs"), 0777), 0);
    expect_refused("a", "/theirs");
}

/* It might have said that the module is not to be loaded. */
static void
name_with_one_refused_file_is_refused(void **state)
{
    (void)state;
    config_case_put("user/a.module", "module:\n");
    config_case_put("system/a.module", "module: liba.so\n");
    assert_int_equal(chmod(config_case_inside("user/a.module"), 0666), 0);
    expect_refused("a", "user/a.module");
}

static void
refusal_hides_nothing_of_the_others(void **state)
{
    (void)state;
    config_case_put("system/a.module", "module: liba.so\n");
    config_case_put("system/b.module", "module: gone.so\n");
    config_case_put("system/c.module", "nonsense\n");
    config_case_put("system/d.module", "module: b.so.1\n");
    assert_int_equal(chmod(config_case_inside("package"), 0777), 0);
    config_case_read();
    assert_int_equal(config_case.count, 5);
    assert_string_equal(config_case.modules[0].name,
                        config_case_inside("package"));
    assert_string_equal(config_case.modules[1].path,
                        config_case_inside("lib/liba.so"));
    assert_string_equal(config_case.modules[2].path, "");
    assert_non_null(strstr(config_case.modules[2].why.text, "No such file"));
    assert_string_equal(config_case.modules[3].path, "");
    assert_non_null(strstr(config_case.modules[3].why.text, "line 1"));
    assert_string_equal(config_case.modules[4].path,
                        config_case_inside("lib/b.so.1"));
}

static void
file_that_is_no_configuration_is_refused(void **state)
{
    static char large[65538];

    (void)state;
    config_case_put("system/a.module", "module: liba.so\n[section]\n");
    expect_refused("a", "line 2");
    config_case_put("system/a.module", "# a: b\n\nmodule liba.so\n");
    expect_refused("a", "line 3");
    config_case_put_bytes("system/a.module", "module: liba.so\0.so", 19);
    expect_refused("a", "no text");
    memset(large, '\n', sizeof large);
    config_case_put_bytes("system/a.module", large, 65537);
    expect_refused("a", "too large");
    assert_int_equal(unlink(config_case_inside("system/a.module")), 0);
    assert_int_equal(mkfifo(config_case_inside("system/a.module"), 0644), 0);
    expect_refused("a", "no regular file");
}

static void
path_that_cannot_be_recorded_is_refused(void **state)
{
    (void)state;
    config_case_put("lib/\xc3\xa4.so", "");
    config_case_put("system/a.module", "module: \xc3\xa4.so\n");
    expect_refused("a", "printable ASCII");
}

/* p11-kit would start it with that text; without, it may have another token. */
static void
module_that_p11_kit_would_tell_something_is_refused(void **state)
{
    const struct pkcs11_config_module *module;

    (void)state;
    config_case_put("system/a.module", "module: liba.so\n");
    config_case_put("user/a.module", "x-init-reserved: configdir='sql:/d'\n");
    module = config_case_only();
    assert_int_equal(module->fault, KS_ERR_TOKEN_UNSUPPORTED);
    assert_non_null(strstr(module->why.text, "x-init-reserved is set"));
    assert_false(pkcs11_config_is_called(module, "b"));
    assert_true(pkcs11_config_is_called(module, "a"));
    config_case_put("user/a.module", "x-init-reserved:\n");
    config_case_expect_path("lib/liba.so");
    assert_int_equal(config_case.modules[0].fault, KS_OK);
}

/* Without it nobody knows whose configuration counts. */
static void
file_that_says_what_counts_is_held_to_the_same(void **state)
{
    static const char *const files[] = {"system.conf", "user.conf"};

    (void)state;
    config_case_put("system/a.module", "module: liba.so\n");
    for (size_t i = 0; i < 2; i++) {
        config_case_put(files[i], "user-config: merge\n");
        config_case_expect_path("lib/liba.so");
        assert_int_equal(chmod(config_case_inside(files[i]), 0666), 0);
        expect_whole_refused("may change");
        config_case_put(files[i], "user-config: sometimes\n");
        expect_whole_refused("none, merge, only or override");
        config_case_put(files[i], "user-config\n");
        expect_whole_refused("line 1");
        assert_int_equal(unlink(config_case_inside(files[i])), 0);
    }
}

static void
more_modules_than_64_are_refused(void **state)
{
    char name[32];

    (void)state;
    for (int i = 0; i < 65; i++) {
        (void)snprintf(name, sizeof name, "system/m%d.module", i);
        config_case_put(name, "module: liba.so\n");
    }
    expect_whole_refused("more than 64");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, config_case_start, config_case_stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(module_that_others_may_write_is_refused),
        TEST(file_that_others_may_write_is_refused),
        TEST(directory_that_others_may_write_is_refused),
        TEST(links_through_what_others_may_write_are_refused),
        TEST(name_with_one_refused_file_is_refused),
        TEST(refusal_hides_nothing_of_the_others),
        TEST(file_that_is_no_configuration_is_refused),
        TEST(path_that_cannot_be_recorded_is_refused),
        TEST(module_that_p11_kit_would_tell_something_is_refused),
        TEST(file_that_says_what_counts_is_held_to_the_same),
        TEST(more_modules_than_64_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
