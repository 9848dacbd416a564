/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hsm/pkcs11/config_case.h"

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

#include "tests/support/fresh_directory.h"

struct pkcs11_config_places config_case_places;
struct pkcs11_config config_case;

static char directory[FRESH_DIRECTORY];

const char *
config_case_inside(const char *name)
{
    static char path[2][PKCS11_PATH_SIZE];
    static unsigned next;
    char *ret = path[next++ % 2];

    (void)snprintf(ret, PKCS11_PATH_SIZE, "%s/%s", directory, name);
    return ret;
}

void
config_case_put_bytes(const char *name, const char *text, size_t length)
{
    FILE *file = fopen(config_case_inside(name), "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(config_case_inside(name), 0644), 0);
}

void
config_case_put(const char *name, const char *text)
{
    config_case_put_bytes(name, text, strlen(text));
}

int
config_case_start(void **state)
{
    static const char *const directories[] = {"system", "package", "user",
                                              "lib"};

    (void)state;
    assert_true(fresh_directory("p11-kit", directory));
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
        assert_int_equal(mkdir(config_case_inside(directories[i]), 0755), 0);
    (void)snprintf(config_case_places.system_file, PKCS11_PATH_SIZE, "%s",
                   config_case_inside("system.conf"));
    (void)snprintf(config_case_places.system_modules, PKCS11_PATH_SIZE, "%s",
                   config_case_inside("system"));
    (void)snprintf(config_case_places.package_modules, PKCS11_PATH_SIZE, "%s",
                   config_case_inside("package"));
    (void)snprintf(config_case_places.user_file, PKCS11_PATH_SIZE, "%s",
                   config_case_inside("user.conf"));
    (void)snprintf(config_case_places.user_modules, PKCS11_PATH_SIZE, "%s",
                   config_case_inside("user"));
    (void)snprintf(config_case_places.libraries, PKCS11_PATH_SIZE, "%s",
                   config_case_inside("lib"));
    config_case_put("lib/liba.so", "");
    config_case_put("lib/b.so.1", "");
    return 0;
}

int
config_case_stop(void **state)
{
    char command[FRESH_DIRECTORY + 16];

    (void)state;
    pkcs11_config_free(&config_case);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

void
config_case_read(void)
{
    struct err_cause cause;

    pkcs11_config_free(&config_case);
    if (pkcs11_config_read(&config_case_places, &config_case, &cause) != KS_OK)
        fail_msg("%s", cause.text);
}

const struct pkcs11_config_module *
config_case_only(void)
{
    config_case_read();
    assert_int_equal(config_case.count, 1);
    return &config_case.modules[0];
}

void
config_case_expect_path(const char *library)
{
    assert_string_equal(config_case_only()->path, config_case_inside(library));
}
