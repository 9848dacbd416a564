/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast reconfigure: what it changes later commands go by, and what it
 * refuses changes nothing. */
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

#include "tests/support/store_fixture.h"
#include "tests/programs/forward.h"
#include "tests/support/rig_case.h"

static int
start_registered(void **state)
{
    (void)rig_case_start_several(state);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    return 0;
}

/* Without the options that the rig adds; OPTION may be NULL. */
static void
holdfast(const char *command, const char *option, const char *value)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program, command, "--state-dir", rig.state,
                          option,  value,   NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
}

static char *
read_state(void)
{
    char path[RIG_PATH + 16];

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    return rig_read(path, NULL);
}

/* The word of the state; "" where it has none. */
static void
expect_recorded(const char *key, const char *wanted)
{
    char *text = read_state();
    json_t *recorded = json_loads(text, 0, NULL);
    const char *is = json_string_value(json_object_get(recorded, key));

    assert_string_equal(is != NULL ? is : "", wanted);
    json_decref(recorded);
    free(text);
}

static void
expect_refused(const char *option, const char *value, int status,
               const char *says)
{
    char *before = read_state();
    char *after;

    holdfast("reconfigure", option, value);
    rig_expect(&run, status, says);
    after = read_state();
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static void
nothing_asked_for_is_wrong_usage(void **state)
{
    (void)state;
    expect_refused(NULL, NULL, 64, "what is to change? Give --token");
}

static void
machine_that_is_not_registered_has_nothing_to_change(void **state)
{
    char elsewhere[RIG_PATH + 16];

    (void)state;
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", rig.directory);
    memcpy(rig.state, elsewhere, strnlen(elsewhere, sizeof rig.state - 1) + 1);
    holdfast("reconfigure", "--proxy", "none");
    rig_expect(&run, 78, "this machine is not registered");
    assert_int_equal(mkdir(rig.state, 0700), 0);
    holdfast("reconfigure", "--proxy", "none");
    rig_expect(&run, 78, "nothing is recorded");
}

static void
proxy_is_recorded_and_used(void **state)
{
    struct forward forward;
    unsigned port = (unsigned)strtoul(strchr(rig.host, ':') + 1, NULL, 10);

    (void)state;
    expect_refused("--proxy", "socks5://localhost:1", 64,
                   "the proxy is not given as http://HOST:PORT");
    expect_refused("--proxy", "http://user:secret@localhost:1", 64,
                   "a proxy's name and password");
    forward_start(&forward, rig.directory, port, false);
    holdfast("reconfigure", "--proxy", forward.address);
    rig_expect(&run, 0, "");
    expect_recorded("proxy", forward.address);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(forward_count(&forward, port), 1);
    forward_stop(&forward);
}

/* The vault has moved behind another issuer, say: recorded first is one that is
 * of no use. */
static void
issuers_are_recorded_and_used(void **state)
{
    char missing[RIG_PATH + 16], empty[RIG_PATH + 16], other[RIG_PATH + 16];
    char *issuers = NULL;
    size_t length = 0;

    (void)state;
    snprintf(missing, sizeof missing, "%s/missing.pem", rig.directory);
    snprintf(empty, sizeof empty, "%s/empty.pem", rig.directory);
    snprintf(other, sizeof other, "%s/other.pem", rig.directory);
    rig_write(empty, "no issuers\n", 11);
    expect_refused("--ca-file", missing, 66, "no such file");
    expect_refused("--ca-file", empty, 66, "not a file of issuers");
    holdfast("reconfigure", "--ca-file", "/etc/ssl/certs/ca-certificates.crt");
    rig_expect(&run, 0, "");
    holdfast("unregister", "--pin-file", rig.pin_file);
    rig_expect(&run, 69, "could not be authenticated");
    issuers = rig_read(rig.ca_file, &length);
    rig_write(other, issuers, length);
    free(issuers);
    holdfast("reconfigure", "--ca-file", other);
    rig_expect(&run, 0, "");
    expect_recorded("ca_file", other);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
}

static void
pin_file_is_tried_and_then_used(void **state)
{
    char wrong[RIG_PATH + 16], missing[RIG_PATH + 16], right[RIG_PATH + 16];

    (void)state;
    snprintf(wrong, sizeof wrong, "%s/wrong", rig.directory);
    snprintf(missing, sizeof missing, "%s/missing", rig.directory);
    snprintf(right, sizeof right, "%s/right", rig.directory);
    rig_write(wrong, "999999\n", 7);
    rig_write(right, RIG_PIN "\n", sizeof RIG_PIN);
    expect_refused("--pin-file", missing, 78, "the token needs a PIN");
    expect_refused("--pin-file", "/dev/null", 78, "");
    expect_refused("--pin-file", wrong, 78, "the token refused the PIN");
    expect_refused("--pin-file", "systemd:pin", 78, "systemd:pin");
    holdfast("unregister", NULL, NULL);
    rig_expect(&run, 78, "the token needs a PIN");
    holdfast("reconfigure", "--pin-file", right);
    rig_expect(&run, 0, "");
    expect_recorded("pin_source", right);
    holdfast("status", "--json", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, right));
    holdfast("unregister", NULL, NULL);
    rig_expect(&run, 0, "");
}

/* A pipe is read once. */
static void
pin_that_cannot_be_read_again_is_not_recorded(void **state)
{
    char script[4 * RIG_PATH], *before = read_state(), *after;
    const char *argv[] = {"/bin/sh", "-c", script, NULL};

    (void)state;
    snprintf(script, sizeof script,
             "%s/holdfast reconfigure --state-dir %s --pin-file fd:3 3<%s",
             rig.bin, rig.state, rig.pin_file);
    rig_run(&run, argv);
    rig_expect(&run, 64, "give --pin-file the path of a file");
    after = read_state();
    assert_string_equal(after, before);
    free(before);
    free(after);
}

/* By a copy of the same module, as of an update that puts it elsewhere. */
static void
module_with_the_registered_token_is_recorded(void **state)
{
    char copy[RIG_PATH + 16], uri[3 * RIG_PATH], program[RIG_PATH + 16];
    const char *const cp[] = {"/bin/cp", SOFTHSM_MODULE, copy, NULL};
    const char *reconfigure[] = {
        program, "reconfigure", "--state-dir", rig.state, "--token",
        uri,     "--pin-file",  rig.pin_file,  "--json",  NULL};
    const char *path = strstr(rig.token, "module-path=");
    json_t *answer;

    (void)state;
    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    snprintf(copy, sizeof copy, "%s/moved.so", rig.directory);
    rig_run(&run, cp);
    rig_expect(&run, 0, "");
    assert_non_null(path);
    snprintf(uri, sizeof uri, "%.*smodule-path=%s", (int)(path - rig.token),
             rig.token, copy);
    rig_run(&run, reconfigure);
    rig_expect(&run, 0, "");
    assert_null(strstr(run.err, "warning"));
    answer = rig_json(&run);
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(answer, "settings"), "token_uri")),
                        uri);
    json_decref(answer);
    expect_recorded("token_uri", uri);
    expect_recorded("token_module", copy);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 0);
}

static void
other_token_or_none_is_refused(void **state)
{
    char none[3 * RIG_PATH];

    (void)state;
    expect_refused("--token", "pkcs11:token=none", 78, "");
    expect_refused("--token", "nonsense:", 78, "the token URI is not usable");
    snprintf(none, sizeof none, "soft:%s", rig.directory);
    expect_refused("--token", none, 78, "");
}

/* OPTION and its VALUE, or NULL. */
static void
register_by_hand(const char *option, const char *value)
{
    bool pin = strcmp(kind, "pkcs11") == 0;
    char program[RIG_PATH + 16];
    const char *argv[] = {program,
                          "register",
                          "--state-dir",
                          rig.state,
                          "--allow-emulation",
                          "--token",
                          rig.token,
                          "--expect-vault",
                          "lab1",
                          "--vault-host",
                          rig.host,
                          pin ? "--pin-file" : "--json",
                          pin ? rig.pin_file : "--json",
                          file,
                          option,
                          value,
                          NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
}

/* The vault lets nobody in for a while, and `register` is called again. */
static void
issuers_stay_when_an_attempt_is_taken_up(void **state)
{
    char wrong[RIG_PATH + 16];

    (void)state;
    snprintf(wrong, sizeof wrong, "/etc/ssl/certs/ca-certificates.crt");
    register_by_hand("--ca-file", wrong);
    rig_expect(&run, 69, "could not be authenticated");
    expect_recorded("ca_file", wrong);
    holdfast("reconfigure", "--ca-file", rig.ca_file);
    rig_expect(&run, 0, "");
    register_by_hand(NULL, NULL);
    rig_expect(&run, 0, "");
    expect_recorded("ca_file", rig.ca_file);
}

#define TEST(name) RIG_CASE(name, start_registered)

int
main(int argc, char **argv)
{
    const struct CMUnitTest every[] = {
        RIG_CASE(issuers_stay_when_an_attempt_is_taken_up,
                 rig_case_start_several),
        TEST(nothing_asked_for_is_wrong_usage),
        TEST(machine_that_is_not_registered_has_nothing_to_change),
        TEST(proxy_is_recorded_and_used),
        TEST(other_token_or_none_is_refused),
    };
    const struct CMUnitTest with_pin[] = {
        TEST(issuers_are_recorded_and_used),
        TEST(pin_file_is_tried_and_then_used),
        TEST(pin_that_cannot_be_read_again_is_not_recorded),
        TEST(module_with_the_registered_token_is_recorded),
    };
    int failed;

    rig_case_begin(argc, argv);
    failed = cmocka_run_group_tests(every, NULL, NULL);
    if (strcmp(kind, "pkcs11") == 0)
        failed += cmocka_run_group_tests(with_pin, NULL, NULL);
    return failed;
}
