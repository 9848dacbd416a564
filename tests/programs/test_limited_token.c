/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens that can less than SoftHSM, and enough: `register` finds its way, and
 * says which it took.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/rig_case.h"

static int
start(void **state)
{
    (void)rig_case_start_one(state);
    rig_use_module(&rig, FAULTY_MODULE);
    return 0;
}

/* What `status` says at PART of its JSON under NAME. */
static void
assert_status(const char *part, const char *name, const char *wanted)
{
    json_t *status;

    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    status = rig_json(&run);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(status, part), name)),
        wanted);
    json_decref(status);
}

static void
list_tokens(void)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program,    "token",       "list",
                          "--module", FAULTY_MODULE, "--allow-emulation",
                          "--json",   NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

static void
clear_import_is_told(void **state)
{
    (void)state;
    rig_case_write("lies", "");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_status("credential", "import", "in the clear");
}

static void
token_that_wants_keys_wrapped_gets_them_so(void **state)
{
    (void)state;
    rig_case_write("lies",
                   "create_private 0x13"); /* CKR_ATTRIBUTE_VALUE_INVALID */
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_status("credential", "import", "wrapped under a key of the token");
    assert_int_equal(rig_count_keys(&rig), 1);
}

static void
token_list_says_who_takes_wrapped_keys(void **state)
{
    json_t *tokens;

    (void)state;
    rig_case_write("lies", "");
    list_tokens();
    tokens = rig_json(&run);
    assert_true(json_is_true(
        json_object_get(json_array_get(tokens, 0), "takes_wrapped_keys")));
    json_decref(tokens);
}

/* One flag alone says nothing: both have to. */
static void
nothing_is_called_hardware_that_does_not_say_so(void **state)
{
    static const struct {
        const char *lies, *hardware;
    } rows[] = {
        {"slot_says 1 signing_says 1", "no: a software emulation"},
        {"anonymous 1", "unknown: it does not say so"},
        {"anonymous 1 slot_says 1", "unknown: it does not say so"},
        {"anonymous 1 signing_says 1", "unknown: it does not say so"},
        {"anonymous 1 slot_says 1 signing_says 1", "by its own word"},
    };
    char path[RIG_PATH + 16];

    (void)state;
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *tokens;

        rig_case_write("lies", rows[i].lies);
        list_tokens();
        tokens = rig_json(&run);
        assert_string_equal(json_string_value(json_object_get(
                                json_array_get(tokens, 0), "hardware")),
                            rows[i].hardware);
        json_decref(tokens);
        if (i > 0)
            rig_download(&rig, "one", file);
        rig_register(&rig, &run, file);
        rig_expect(&run, 0, "");
        assert_status("token", "hardware", rows[i].hardware);
        assert_int_equal(unlink(path), 0);
    }
}

/* Before a PIN is read. */
static void
tpm_behind_a_module_is_refused_with_the_better_way(void **state)
{
    (void)state;
    rig_case_write("lies", "of_tpm 1");
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "give --token tpm2:device=/dev/tpmrm0");
    assert_true(rig_exists(file));
    list_tokens();
}

/* No curves and no PKCS#1 v1.5: an RSA machine key, and PSS in its request. */
static void
token_with_pss_alone_will_do(void **state)
{
    (void)state;
    rig_case_write("lies", "lacking 0x1040 lacking_too 0x01");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
}

/* Told before the vault is asked for anything by the credential. */
static void
older_scheme_that_the_token_has_not_is_refused(void **state)
{
    json_t *log;
    json_t *entry;
    size_t i;

    (void)state;
    rig_case_write("lies", "lacking 0x01");
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--rs256",
                 file, NULL);
    rig_expect(&run, 78, "CKR_MECHANISM_INVALID");
    assert_true(rig_exists(file));
    log = rig_access_log(&rig);
    json_array_foreach(log, i, entry) assert_string_equal(
        json_string_value(json_object_get(entry, "ssl_client_fingerprint")),
        "");
    json_decref(log);
}

/* What a module leaves in OpenSSL's queue is not taken for our own. */
static void
token_that_pollutes_the_error_queue_will_do(void **state)
{
    (void)state;
    rig_case_write("lies", "pollutes 1");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
}

/* Flags that modules of hardware leave out, or set without reason: what the
 * operator gives counts. */
static void
flags_do_not_speak_against_a_given_pin(void **state)
{
    static const char *const lies[] = {
        "flags_cleared 0x4",   /* CKF_LOGIN_REQUIRED: Thales */
        "flags_cleared 0x8",   /* CKF_USER_PIN_INITIALIZED */
        "flags_cleared 0x400", /* CKF_TOKEN_INITIALIZED */
        "flags_set 0x100",     /* CKF_PROTECTED_AUTHENTICATION_PATH */
        "flags_set 0x2",       /* CKF_WRITE_PROTECTED */
    };

    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        rig_case_write("lies", lies[i]);
        if (i > 0)
            rig_download(&rig, "one", file);
        rig_register(&rig, &run, file);
        rig_expect(&run, 0, "");
        assert_int_equal(rig_count_keys(&rig), 1);
        rig_holdfast(&rig, &run, "unregister", NULL);
        rig_expect(&run, 0, "");
        assert_int_equal(rig_count_keys(&rig), 0);
    }
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(older_scheme_that_the_token_has_not_is_refused),
        TEST(flags_do_not_speak_against_a_given_pin),
        TEST(clear_import_is_told),
        TEST(nothing_is_called_hardware_that_does_not_say_so),
        TEST(tpm_behind_a_module_is_refused_with_the_better_way),
        TEST(token_that_wants_keys_wrapped_gets_them_so),
        TEST(token_list_says_who_takes_wrapped_keys),
        TEST(token_with_pss_alone_will_do),
        TEST(token_that_pollutes_the_error_queue_will_do),
    };

    return rig_case_main(argc, argv, tests);
}
