/* SPDX-License-Identifier: Apache-2.0 */
/* Names of files are bytes, which need not be UTF-8: every path that a person
 * can give is taken, recorded and found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"

#define LATIN "t\351l\351" /* ISO 8859-1 */
#define LATIN_TARGET "../caf\351/menu"

static char latin[RIG_PATH]; /* the directory of everything */

static int
start(void **state)
{
    (void)rig_case_start(state);
    snprintf(latin, sizeof latin, "%.100s/" LATIN, rig.directory);
    assert_int_equal(mkdir(latin, 0700), 0);
    return 0;
}

/* FILE goes there under the name NAME; its path becomes that. */
static void
bring(char ret[static RIG_PATH], const char *name)
{
    char path[RIG_PATH];

    snprintf(path, sizeof path, "%.120s/%.60s", latin, name);
    assert_int_equal(rename(ret, path), 0);
    snprintf(ret, RIG_PATH, "%s", path);
}

static void
bring_a_copy(char ret[static RIG_PATH], const char *name)
{
    size_t length = 0;
    char *text = rig_read(ret, &length);

    snprintf(ret, RIG_PATH, "%.120s/%.60s", latin, name);
    rig_write(ret, text, length);
    free(text);
}

/* Everything that has a path: file, issuers, PIN, state and, where it is one of
 * files, the token. */
static void
register_there(char ret[static RIG_PATH])
{
    char keys[RIG_PATH];

    rig_download(&rig, "several", ret);
    bring(ret, "c.VaultCredentials");
    bring_a_copy(rig.ca_file, "ca.pem");
    if (rig.kind == RIG_PKCS11) {
        bring(rig.pin_file, "pin");
    } else {
        snprintf(keys, sizeof keys, "%.120s/keys", latin);
        assert_int_equal(mkdir(keys, 0700), 0);
        snprintf(rig.token, sizeof rig.token, "soft:%s", keys);
    }
    snprintf(rig.state, sizeof rig.state, "%.120s/state", latin);
    rig_register(&rig, &run, ret);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(ret));
}

static void
registration_with_all_of_them_works_and_is_told(void **state)
{
    json_t *status;

    (void)state;
    register_there(file);
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    status = rig_json(&run);
    assert_non_null(strstr(json_string_value(json_object_get(
                               json_object_get(status, "credential"), "file")),
                           "/t?l?/c.VaultCredentials"));
    json_decref(status);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
}

/* By way of restic, which hands state, PIN and issuers on. */
static void
backup_goes_through_them(void **state)
{
    char target[RIG_PATH + 16];
    const char *compare[] = {
        "/bin/sh", "-c", "cmp \"$1\"/caf* \"$2$1\"/caf*", "sh", rig.source,
        target,    NULL};

    (void)state;
    register_there(file);
    snprintf(rig.passphrase, sizeof rig.passphrase, "%.120s/passphrase", latin);
    snprintf(rig.source, sizeof rig.source, "%.120s/source", latin);
    rig_holdfast(&rig, &run, "passphrase", "generate", "--out", rig.passphrase,
                 NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(mkdir(rig.source, 0700), 0);
    snprintf(file, sizeof file, "%.150s/caf\351", rig.source);
    rig_write(file, "x", 1);
    snprintf(target, sizeof target, "%.120s/restored", latin);
    rig_holdfast(&rig, &run, "backup", "--ca-file", rig.ca_file, rig.source,
                 NULL);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "restore", "-d", target, NULL);
    rig_expect(&run, 0, "");
    rig_run(&run, compare);
    rig_expect(&run, 0, "");
}

/* A name in the state that would end its registration for good, were it lost:
 * that of a file that is left. */
static void
file_that_is_left_is_named(void **state)
{
    (void)state;
    rig_download(&rig, "several", file);
    bring(file, "c.VaultCredentials");
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, "");
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "/t?l?/c.VaultCredentials"));
}

/* As restic 0.14 is installed: it restores such a link as another one. */
static void
link_that_would_be_altered_gets_a_warning(void **state)
{
    static const char *const version[] = {"/bin/sh", "-c", "restic version",
                                          NULL};
    char path[RIG_PATH + 16], target[RIG_PATH + 16], to[64];
    unsigned minor = 0;
    ssize_t length;

    (void)state;
    rig_data_prepare(&rig);
    snprintf(path, sizeof path, "%s/altered", rig.source);
    assert_int_equal(symlink(LATIN_TARGET, path), 0);
    rig_run(&run, version);
    assert_int_equal(sscanf(run.out, "restic 0.%u", &minor), 1);
    rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    rig_expect(&run, 0,
               minor < 16 ? "/altered is a symbolic link whose target is no "
                            "UTF-8 (1 in all)"
                          : "");
    assert_true(minor < 16 || strstr(run.err, "/altered") == NULL);
    /* What the warning says is so. */
    snprintf(target, sizeof target, "%s/restored", rig.directory);
    rig_holdfast(&rig, &run, "restore", "-d", target, NULL);
    rig_expect(&run, 0, "");
    snprintf(path, sizeof path, "%.60s%.60s/altered", target, rig.source);
    length = readlink(path, to, sizeof to);
    assert_int_equal(length == sizeof LATIN_TARGET - 1 &&
                         memcmp(to, LATIN_TARGET, (size_t)length) == 0,
                     minor >= 16);
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(registration_with_all_of_them_works_and_is_told),
        TEST(backup_goes_through_them),
        TEST(file_that_is_left_is_named),
        TEST(link_that_would_be_altered_gets_a_warning),
    };

    return rig_case_main(argc, argv, tests);
}
