/* SPDX-License-Identifier: Apache-2.0 */
/* p11-kit's configuration: what is refused in it, and what is made of the rest.
 * Nothing here is a module: nothing is loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm/pkcs11_config.h"
#include "tests/fresh_directory.h"

static char directory[FRESH_DIRECTORY];
static struct pkcs11_config_places places;
static struct pkcs11_config config;
static struct err_cause cause;

/* NAME in the test's directory. */
static const char *
inside(const char *name)
{
    static char path[2][PKCS11_PATH_SIZE];
    static unsigned next;
    char *ret = path[next++ % 2];

    (void)snprintf(ret, PKCS11_PATH_SIZE, "%s/%s", directory, name);
    return ret;
}

static void
put_bytes(const char *name, const char *text, size_t length)
{
    FILE *file = fopen(inside(name), "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(inside(name), 0644), 0);
}

static void
put(const char *name, const char *text)
{
    put_bytes(name, text, strlen(text));
}

static int
start(void **state)
{
    static const char *const directories[] = {"system", "package", "user",
                                              "lib"};

    (void)state;
    assert_true(fresh_directory("p11-kit", directory));
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
        assert_int_equal(mkdir(inside(directories[i]), 0755), 0);
    (void)snprintf(places.system_file, PKCS11_PATH_SIZE, "%s",
                   inside("system.conf"));
    (void)snprintf(places.system_modules, PKCS11_PATH_SIZE, "%s",
                   inside("system"));
    (void)snprintf(places.package_modules, PKCS11_PATH_SIZE, "%s",
                   inside("package"));
    (void)snprintf(places.user_file, PKCS11_PATH_SIZE, "%s",
                   inside("user.conf"));
    (void)snprintf(places.user_modules, PKCS11_PATH_SIZE, "%s", inside("user"));
    (void)snprintf(places.libraries, PKCS11_PATH_SIZE, "%s", inside("lib"));
    put("lib/liba.so", "");
    put("lib/b.so.1", "");
    return 0;
}

static int
stop(void **state)
{
    char command[FRESH_DIRECTORY + 16];

    (void)state;
    pkcs11_config_free(&config);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static void
read_config(void)
{
    pkcs11_config_free(&config);
    if (pkcs11_config_read(&places, &config, &cause) != KS_OK)
        fail_msg("%s", cause.text);
}

/* The one module there is, or it is not there. */
static const struct pkcs11_config_module *
only(void)
{
    read_config();
    assert_int_equal(config.count, 1);
    return &config.modules[0];
}

static void
expect_refused(const char *name, const char *says)
{
    const struct pkcs11_config_module *module = only();

    assert_string_equal(module->name, name);
    assert_string_equal(module->path, "");
    if (strstr(module->why.text, says) == NULL)
        fail_msg("%s: %s", name, module->why.text);
}

static void
expect_whole_refused(const char *says)
{
    pkcs11_config_free(&config);
    assert_int_equal(pkcs11_config_read(&places, &config, &cause),
                     KS_ERR_TOKEN_MODULE);
    if (strstr(cause.text, says) == NULL)
        fail_msg("%s", cause.text);
    assert_null(config.modules);
}

static void
expect_path(const char *library)
{
    assert_string_equal(only()->path, inside(library));
}

static void
module_that_others_may_write_is_refused(void **state)
{
    (void)state;
    put("system/a.module", "module: liba.so\n");
    expect_path("lib/liba.so");
    assert_int_equal(chmod(inside("lib/liba.so"), 0666), 0);
    expect_refused("a", "may change");
    assert_int_equal(chmod(inside("lib/liba.so"), 0644), 0);
    assert_int_equal(chmod(inside("lib"), 0775), 0);
    expect_refused("a", "may change");
}

static void
file_that_others_may_write_is_refused(void **state)
{
    static const char *const files[] = {"user/a.module", "system/a.module",
                                        "package/a.module"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        put(files[i], "module: liba.so\n");
        expect_path("lib/liba.so");
        assert_int_equal(chmod(inside(files[i]), 0664), 0);
        expect_refused("a", "may change");
        assert_int_equal(unlink(inside(files[i])), 0);
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
        put(name, "module: liba.so\n");
        assert_int_equal(chmod(inside(directories[i]), 0777), 0);
        expect_refused(inside(directories[i]), "may change");
        assert_int_equal(unlink(inside(name)), 0);
        expect_refused(inside(directories[i]), "may change");
        assert_int_equal(chmod(inside(directories[i]), 0755), 0);
    }
}

/* It might have said that the module is not to be loaded. */
static void
name_with_one_refused_file_is_refused(void **state)
{
    (void)state;
    put("user/a.module", "module:\n");
    put("system/a.module", "module: liba.so\n");
    assert_int_equal(chmod(inside("user/a.module"), 0666), 0);
    expect_refused("a", "user/a.module");
}

static void
refusal_hides_nothing_of_the_others(void **state)
{
    (void)state;
    put("system/a.module", "module: liba.so\n");
    put("system/b.module", "module: gone.so\n");
    put("system/c.module", "nonsense\n");
    put("system/d.module", "module: b.so.1\n");
    assert_int_equal(chmod(inside("package"), 0777), 0);
    read_config();
    assert_int_equal(config.count, 5);
    assert_string_equal(config.modules[0].name, inside("package"));
    assert_string_equal(config.modules[1].path, inside("lib/liba.so"));
    assert_string_equal(config.modules[2].path, "");
    assert_non_null(strstr(config.modules[2].why.text, "No such file"));
    assert_string_equal(config.modules[3].path, "");
    assert_non_null(strstr(config.modules[3].why.text, "line 1"));
    assert_string_equal(config.modules[4].path, inside("lib/b.so.1"));
}

static void
file_that_is_no_configuration_is_refused(void **state)
{
    static char large[65538];

    (void)state;
    put("system/a.module", "module: liba.so\n[section]\n");
    expect_refused("a", "line 2");
    put("system/a.module", "# a: b\n\nmodule liba.so\n");
    expect_refused("a", "line 3");
    put_bytes("system/a.module", "module: liba.so\0.so", 19);
    expect_refused("a", "no text");
    memset(large, '\n', sizeof large);
    put_bytes("system/a.module", large, 65537);
    expect_refused("a", "too large");
    assert_int_equal(unlink(inside("system/a.module")), 0);
    assert_int_equal(mkdir(inside("system/a.module"), 0755), 0);
    expect_refused("a", "no regular file");
}

static void
path_that_cannot_be_recorded_is_refused(void **state)
{
    (void)state;
    put("lib/\xc3\xa4.so", "");
    put("system/a.module", "module: \xc3\xa4.so\n");
    expect_refused("a", "printable ASCII");
}

/* Without it nobody knows whose configuration counts. */
static void
file_that_says_what_counts_is_held_to_the_same(void **state)
{
    static const char *const files[] = {"system.conf", "user.conf"};

    (void)state;
    put("system/a.module", "module: liba.so\n");
    for (size_t i = 0; i < 2; i++) {
        put(files[i], "user-config: merge\n");
        expect_path("lib/liba.so");
        assert_int_equal(chmod(inside(files[i]), 0666), 0);
        expect_whole_refused("may change");
        put(files[i], "user-config: sometimes\n");
        expect_whole_refused("none, merge, only or override");
        put(files[i], "user-config\n");
        expect_whole_refused("line 1");
        assert_int_equal(unlink(inside(files[i])), 0);
    }
}

static void
more_modules_than_64_are_refused(void **state)
{
    char name[32];

    (void)state;
    for (int i = 0; i < 65; i++) {
        (void)snprintf(name, sizeof name, "system/m%d.module", i);
        put(name, "module: liba.so\n");
    }
    expect_whole_refused("more than 64");
}

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
    put("user/a.module", "module: b.so.1\n");
    put("user/z.module", "module: liba.so\n");
    put("package/a.module", "module: liba.so\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].system != NULL)
            put("system.conf", rows[i].system);
        if (rows[i].user != NULL)
            put("user.conf", rows[i].user);
        read_config();
        assert_int_equal(config.count, rows[i].count);
        assert_string_equal(config.modules[0].path, inside(rows[i].path));
        (void)unlink(inside("system.conf"));
        (void)unlink(inside("user.conf"));
    }
    places.user_file[0] = places.user_modules[0] = '\0'; /* root's */
    read_config();
    assert_int_equal(config.count, 1);
    assert_string_equal(config.modules[0].path, inside("lib/liba.so"));
}

static void
settings_are_merged_one_by_one(void **state)
{
    (void)state;
    put("system/a.module", "disable-in: other\n");
    put("package/a.module", "module: liba.so\ndisable-in: holdfast\n");
    expect_path("lib/liba.so");
    put("user/a.module", "module:\n");
    read_config();
    assert_int_equal(config.count, 0);
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
        put("system/a.module", text);
        read_config();
        if (config.count != rows[i].count)
            fail_msg("%s", rows[i].settings);
        if (config.count == 1)
            assert_string_equal(config.modules[0].path, inside("lib/liba.so"));
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
        put(names[i], "module: liba.so\n");
    read_config();
    assert_int_equal(config.count, 0);
}

static void
nothing_configured_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(rmdir(inside("user")), 0);
    assert_int_equal(rmdir(inside("system")), 0);
    read_config();
    assert_int_equal(config.count, 0);
}

static void
module_is_called_by_its_file_and_its_library(void **state)
{
    (void)state;
    put("system/vendor.module", "module: liba.so\n");
    assert_true(pkcs11_config_is_called(only(), "vendor"));
    assert_true(pkcs11_config_is_called(only(), "a"));
    assert_false(pkcs11_config_is_called(only(), "liba"));
    assert_false(pkcs11_config_is_called(only(), "liba.so"));
    assert_false(pkcs11_config_is_called(only(), ""));
    put("system/vendor.module", "module: b.so.1\n");
    assert_true(pkcs11_config_is_called(only(), "b"));
    assert_false(pkcs11_config_is_called(only(), "b.so"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(module_that_others_may_write_is_refused),
        TEST(file_that_others_may_write_is_refused),
        TEST(directory_that_others_may_write_is_refused),
        TEST(name_with_one_refused_file_is_refused),
        TEST(refusal_hides_nothing_of_the_others),
        TEST(file_that_is_no_configuration_is_refused),
        TEST(path_that_cannot_be_recorded_is_refused),
        TEST(file_that_says_what_counts_is_held_to_the_same),
        TEST(more_modules_than_64_are_refused),
        TEST(users_configuration_counts_as_far_as_it_may),
        TEST(settings_are_merged_one_by_one),
        TEST(modules_that_are_not_for_us_are_left_out),
        TEST(other_names_are_no_modules),
        TEST(nothing_configured_is_no_error),
        TEST(module_is_called_by_its_file_and_its_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
