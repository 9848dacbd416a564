/* SPDX-License-Identifier: Apache-2.0 */
/* The main job with real programs: a downloaded file becomes a machine with a
 * key of its own, and nothing else remains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rig_case.h"

/* The text at PATH ("vault.name") of OBJECT. */
static const char *
text_at(json_t *object, const char *path)
{
    char copy[64];
    char *rest = copy;
    const char *name;

    snprintf(copy, sizeof copy, "%s", path);
    while ((name = strsep(&rest, ".")) != NULL)
        object = json_object_get(object, name);
    return json_is_string(object) ? json_string_value(object) : "";
}

static void
show_says_what_the_file_holds(void **state)
{
    json_t *shown;

    (void)state;
    rig_holdfast(&rig, &run, "show", "--json", file, NULL);
    rig_expect(&run, 0, "");
    shown = rig_json(&run);
    assert_true(json_is_true(json_object_get(shown, "can_register")));
    assert_string_equal(text_at(shown, "vault.name"), "lab1");
    assert_int_equal(strlen(text_at(shown, "certificate.sha1")), 40);
    assert_int_equal(strlen(text_at(shown, "certificate.sha256")), 64);
    assert_non_null(strstr(text_at(shown, "certificate.time_left"), " h "));
    json_decref(shown);
    assert_true(rig_exists(file));
    assert_false(rig_exists(rig.state));
}

/* What pkcs11-tool, another program, sees of the one key left. */
static void
expect_born_on_token(void)
{
    rig_list_keys(&rig, &run);
    assert_non_null(strstr(run.out, "sensitive"));
    assert_non_null(strstr(run.out, "always sensitive"));
    assert_non_null(strstr(run.out, "never extractable"));
    assert_non_null(strstr(run.out, "local"));
}

static void
file_becomes_a_machine_with_a_key_of_its_own(void **state)
{
    json_t *report;

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
    if (rig.kind == RIG_PKCS11)
        expect_born_on_token();
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    assert_string_equal(text_at(report, "state"), "done");
    assert_string_equal(text_at(report, "vault.name"), "lab1");
    assert_string_equal(text_at(report, "token.kind"), kind);
    assert_string_equal(text_at(report, "credential.key"),
                        "removed from the token");
    assert_string_equal(text_at(report, "token.machine_key_origin"),
                        "emulated");
    assert_string_equal(text_at(report, "token.machine_key_proof"),
                        rig.kind == RIG_TPM2 ? "certified" : "claimed");
    assert_int_equal(strlen(text_at(report, "machine.id")), 36);
    json_decref(report);
}

/* The last record of STEP; borrowed. */
static json_t *
record_of(json_t *records, const char *step)
{
    json_t *found = NULL;
    size_t i;
    json_t *record;

    json_array_foreach(records, i, record)
    {
        if (strcmp(text_at(record, "step"), step) == 0)
            found = record;
    }
    if (found == NULL)
        fail_msg("the vault has no record of %s", step);
    return found;
}

static void
machine_calls_with_its_own_certificate(void **state)
{
    json_t *records, *m2, *m4, *m5;

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    records = rig_records(&rig);
    m2 = record_of(records, "M2");
    m4 = record_of(records, "M4");
    m5 = record_of(records, "M5");
    assert_string_equal(text_at(m2, "certificate"), text_at(m4, "certificate"));
    assert_int_equal(strlen(text_at(m5, "certificate")), 64);
    assert_string_not_equal(text_at(m5, "certificate"),
                            text_at(m4, "certificate"));
    assert_string_equal(text_at(m5, "machine"), text_at(m4, "machine"));
    assert_int_not_equal(json_integer_value(json_object_get(m4, "connection")),
                         json_integer_value(json_object_get(m5, "connection")));
    json_decref(records);
}

static void
connections_are_tls13_and_never_resumed(void **state)
{
    json_t *log, *entry;
    size_t i, ours = 0;

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    log = rig_access_log(&rig);
    json_array_foreach(log, i, entry)
    {
        if (*text_at(entry, "ssl_client_fingerprint") == '\0')
            continue;
        ours++;
        assert_string_equal(text_at(entry, "ssl_protocol"), "TLSv1.3");
        assert_string_equal(text_at(entry, "ssl_session_reused"), ".");
    }
    assert_true(ours >= 5);
    json_decref(log);
}

static void
unregister_tells_the_vault_and_leaves_nothing(void **state)
{
    json_t *records;

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(strstr(run.out, "would still load in this TPM") != NULL,
                     rig.kind == RIG_TPM2);
    assert_int_equal(rig_count_keys(&rig), 0);
    records = rig_records(&rig);
    assert_string_equal(text_at(record_of(records, "M5"), "method"), "DELETE");
    json_decref(records);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "not registered");
}

static void
unregister_offline_says_what_remains(void **state)
{
    json_t *records;

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "was not told"));
    assert_int_equal(strstr(run.out, "would still load in this TPM") != NULL,
                     rig.kind == RIG_TPM2);
    assert_int_equal(rig_count_keys(&rig), 0);
    records = rig_records(&rig);
    assert_string_equal(text_at(record_of(records, "M5"), "method"), "GET");
    json_decref(records);
}

static void
register_reads_standard_input(void **state)
{
    (void)state;
    rig_register_input(&rig, &run, file, "");
    rig_expect(&run, 0, "");
    assert_true(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
}

static void
keys_of_all_kinds_register(void **state)
{
    static const char *const keys[] = {"p256", "p384", "rsa3072"};

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        rig_download_key(&rig, keys[i], file);
        rig_register(&rig, &run, file);
        rig_expect(&run, 0, "");
        assert_int_equal(rig_count_keys(&rig), 1);
        rig_holdfast(&rig, &run, "unregister", NULL);
        rig_expect(&run, 0, "");
    }
}

#define TEST(name) RIG_CASE(name, rig_case_start_one)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(show_says_what_the_file_holds),
        TEST(file_becomes_a_machine_with_a_key_of_its_own),
        TEST(machine_calls_with_its_own_certificate),
        TEST(connections_are_tls13_and_never_resumed),
        TEST(unregister_tells_the_vault_and_leaves_nothing),
        TEST(unregister_offline_says_what_remains),
        TEST(register_reads_standard_input),
        TEST(keys_of_all_kinds_register),
    };

    return rig_case_main(argc, argv, tests);
}
