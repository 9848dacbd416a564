/* SPDX-License-Identifier: Apache-2.0 */
/* Whose configuration of p11-kit counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/session/module_places.h"

uid_t __wrap_geteuid(void);

static struct pkcs11_config_places places;
static struct err_cause cause;
static uid_t caller;

uid_t
__wrap_geteuid(void)
{
    return caller;
}

static void
find(uid_t uid, const char *base, const char *home)
{
    caller = uid;
    assert_int_equal(base != NULL ? setenv("XDG_CONFIG_HOME", base, 1)
                                  : unsetenv("XDG_CONFIG_HOME"),
                     0);
    assert_int_equal(home != NULL ? setenv("HOME", home, 1) : unsetenv("HOME"),
                     0);
    assert_int_equal(module_places(&places, &cause), KS_OK);
    assert_true(places.system_modules[0] == '/');
    assert_true(places.package_modules[0] == '/');
    assert_true(places.libraries[0] == '/');
    assert_non_null(strstr(places.system_file, "/pkcs11/pkcs11.conf"));
}

static void
roots_variables_do_not_count(void **state)
{
    (void)state;
    find(0, "/config", "/home/a");
    assert_string_equal(places.user_file, "");
    assert_string_equal(places.user_modules, "");
}

static void
users_are_where_the_variables_say(void **state)
{
    (void)state;
    find(1000, NULL, "/home/a");
    assert_string_equal(places.user_file, "/home/a/.config/pkcs11/pkcs11.conf");
    assert_string_equal(places.user_modules, "/home/a/.config/pkcs11/modules");
    find(1000, "/config", "/home/a");
    assert_string_equal(places.user_file, "/config/pkcs11/pkcs11.conf");
    find(1000, "relative", "relative");
    assert_string_equal(places.user_file, "");
    find(1000, NULL, NULL);
    assert_string_equal(places.user_modules, "");
}

static void
overlong_variables_are_refused(void **state)
{
    char home[300];

    (void)state;
    memset(home, 'h', sizeof home);
    home[0] = '/';
    home[sizeof home - 1] = '\0';
    caller = 1000;
    assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
    assert_int_equal(setenv("HOME", home, 1), 0);
    assert_int_equal(module_places(&places, &cause), KS_ERR_TOKEN_MODULE);
    assert_non_null(strstr(cause.text, "too long"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_variables_do_not_count),
        cmocka_unit_test(users_are_where_the_variables_say),
        cmocka_unit_test(overlong_variables_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
