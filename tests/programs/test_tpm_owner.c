/* SPDX-License-Identifier: Apache-2.0 */
/* What a TPM's owner has a say in: its password, the storage root key, and
 * persistent handles; and what Holdfast tells of the TPM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/support/rig_case.h"
#include "tests/support/rig_tpm.h"

static void
register_and_expect(const char *root_key)
{
    json_t *report;

    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(report, "token"),
                                          "storage_root_key")),
        root_key);
    json_decref(report);
}

static void
set_owner_password(void)
{
    tpm_tool(&rig, "changeauth", "-c", "owner", "secret", NULL);
}

static void
password_leaves_the_root_key_unverified(void **state)
{
    (void)state;
    register_and_expect("made again by the TPM and the same");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    set_owner_password();
    rig_download(&rig, "several", file);
    register_and_expect("unverified: the owner's password is set");
}

/* By the commands of holdfast.8, with the password. */
static void
owner_makes_the_root_key_as_the_manual_says(void **state)
{
    char script[1024];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};

    (void)state;
    set_owner_password();
    snprintf(script, sizeof script,
             "set -e; cd '%s'; export TPM2TOOLS_TCTI='swtpm:path=%s'; "
             "printf '\\040\\000%%0128d\\040\\000%%0128d' 0 0 | tr 0 '\\000' "
             ">unique; "
             "tpm2_createprimary -C o -P secret -G ecc -u unique -c srk -a "
             "'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|"
             "restricted|decrypt'; "
             "tpm2_evictcontrol -C o -P secret -c srk 0x81000001; "
             "tpm2_flushcontext -t",
             rig.directory, swtpm_socket(rig.tpm));
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    register_and_expect("unverified: the owner's password is set");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    tpm_tool(&rig, "changeauth", "-c", "owner", "-p", "secret", NULL);
    rig_download(&rig, "several", file);
    register_and_expect("made again by the TPM and the same");
}

static void
add_handle(void)
{
    size_t length = strlen(rig.token);

    snprintf(rig.token + length, sizeof rig.token - length,
             ";handle=0x81000100");
}

static bool
says_copies_load(void)
{
    json_t *answer = rig_json(&run);
    json_t *load = json_object_get(answer, "copied_keys_load");
    bool says = json_is_true(load);

    assert_true(json_is_boolean(load));
    json_decref(answer);
    return says;
}

static void
copies_of_key_files_are_spoken_of(void **state)
{
    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", "--json", NULL);
    rig_expect(&run, 0, "");
    assert_true(says_copies_load());
}

static void
persistent_keys_are_destroyed(void **state)
{
    (void)state;
    add_handle();
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 1);
    tpm_expect_persistent(&rig, 2);
    rig_holdfast(&rig, &run, "unregister", "--json", NULL);
    rig_expect(&run, 0, "");
    assert_false(says_copies_load());
    tpm_expect_only_srk(&rig);
}

static void
persistent_keys_want_the_owner(void **state)
{
    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    set_owner_password();
    add_handle();
    rig_download(&rig, "several", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "the TPM's owner password is set: TPM2_EvictControl");
    assert_true(rig_exists(file));
    tpm_expect_only_srk(&rig);
}

static void
list_tpm(const char *option)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program,   "token", "list", "--token",
                          rig.token, option,  NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

static void
list_tells_what_a_tpm_is(void **state)
{
    json_t *list, *tpm, *lockout;

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    set_owner_password();
    list_tpm("--json");
    list = rig_json(&run);
    assert_int_equal(json_array_size(list), 1);
    tpm = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(tpm, "tpm")),
                        rig.token);
    assert_string_equal(json_string_value(json_object_get(tpm, "maker")),
                        "IBM");
    assert_true(json_is_true(json_object_get(tpm, "emulated")));
    assert_true(json_is_true(json_object_get(tpm, "owner_password")));
    assert_string_equal(json_string_value(json_object_get(tpm, "key_types")),
                        "rsa2048 rsa3072 p256 p384");
    assert_int_equal(strlen(json_string_value(json_object_get(tpm, "serial"))),
                     64);
    lockout = json_object_get(tpm, "lockout");
    assert_true(json_is_false(json_object_get(lockout, "locked")));
    assert_int_equal(
        json_integer_value(json_object_get(lockout, "most_failures")), 3);
    json_decref(list);
}

/* It changes nothing, so it makes no storage root key either. */
static void
list_is_for_the_eye_too(void **state)
{
    static const char *const lines[] = {"maker",
                                        "firmware",
                                        "emulated",
                                        "key types",
                                        "no storage root key yet",
                                        "lockout seconds to forget one 1000"};

    (void)state;
    list_tpm(NULL);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (strstr(run.out, lines[i]) == NULL)
            fail_msg("no %s in\n%s", lines[i], run.out);
    tpm_expect_empty(&rig);
}

#define TEST(name) RIG_CASE(name, rig_case_start_several)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(persistent_keys_want_the_owner),
        TEST(password_leaves_the_root_key_unverified),
        TEST(owner_makes_the_root_key_as_the_manual_says),
        TEST(copies_of_key_files_are_spoken_of),
        TEST(persistent_keys_are_destroyed),
        TEST(list_tells_what_a_tpm_is),
        TEST(list_is_for_the_eye_too),
    };

    return rig_case_main(argc, argv, tests);
}
