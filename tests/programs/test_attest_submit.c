/* SPDX-License-Identifier: Apache-2.0 */
/* A registered machine gives evidence anew: the vault's owner has come to trust
 * its TPM, or the firmware was updated.  What the vault does not believe leaves
 * everything as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"
#include "tests/support/rig_state.h"
#include "tests/support/rig_tpm.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/swtpm_maker.h"

static void
register_machine(void)
{
    rig_download(&rig, "several", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
}

static void
submit(int status, const char *says)
{
    rig_holdfast(&rig, &run, "attest", "--submit", NULL);
    rig_expect(&run, status, says);
}

static void
expect_in_report(json_t *report, const char *part, const char *key,
                 const char *wanted)
{
    const char *found = json_string_value(
        json_object_get(json_object_get(report, part), key));

    if (found == NULL || strcmp(found, wanted) != 0)
        fail_msg("%s.%s is %s and not %s", part, key,
                 found != NULL ? found : "missing", wanted);
}

/* By `status`, in both forms. */
static void
expect_words(const char *origin, const char *proof, const char *sentence)
{
    json_t *report;

    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    expect_in_report(report, "token", "machine_key_origin", origin);
    expect_in_report(report, "token", "machine_key_proof", proof);
    expect_in_report(report, "tpm_now", "condition", "unchanged");
    json_decref(report);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 0, "");
    if (strstr(run.out, sentence) == NULL)
        fail_msg("no \"%s\" in\n%s", sentence, run.out);
}

/* The TPM's maker, with the issuer in between, which no swtpm keeps in NV. */
/* As an administrator copies it from `attest --json`. */
static void
allow_the_endorsement_key(void)
{
    char program[RIG_PATH + 16], hash[65] = "";
    const char *argv[] = {program,   "attest", "--token",
                          rig.token, "--json", NULL};
    json_t *report, *keys, *each;
    size_t i;

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    keys = json_object_get(report, "endorsement");
    json_array_foreach(keys, i, each)
    {
        if (json_is_true(json_object_get(each, "offered")))
            snprintf(hash, sizeof hash, "%s",
                     json_string_value(json_object_get(each, "sha256")));
    }
    json_decref(report);
    rig_vaultctl(&rig, &run, "allow", "lab1", hash);
}

static void
owner_comes_to_trust_the_maker(void **state)
{
    char before[64], after[64];

    (void)state;
    register_machine();
    expect_words("emulated", "certified", "born in an emulation, certified");
    rig_data_machine(&rig, before);
    tpm_trust_maker(&rig);
    submit(0, "");
    expect_words("born", "EK-verified",
                 "born in the token, EK-verified, emulated TPM");
    rig_data_machine(&rig, after);
    assert_string_equal(after, before);
    assert_int_equal(rig_count_keys(&rig), 1);
    tpm_expect_transient(&rig, 0);
}

static void
owner_lists_the_endorsement_key(void **state)
{
    (void)state;
    register_machine();
    expect_words("emulated", "certified", "born in an emulation, certified");
    allow_the_endorsement_key();
    submit(0, "");
    expect_words("born", "EK-verified",
                 "born in the token, EK-verified, emulated TPM");
}

static void
new_firmware_is_new_evidence(void **state)
{
    json_t *report;

    (void)state;
    register_machine();
    rig_state_set(&rig, "tpm_firmware", "1.2.3.4");
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    expect_in_report(report, "tpm_now", "condition", "firmware-updated");
    json_decref(report);
    submit(0, "");
    expect_words("emulated", "certified", "born in an emulation, certified");
}

/* `attest --submit` with OPTION, which may be NULL, is refused with STATUS and
 * what it SAYS; the state is byte for byte what it was. */
static void
expect_refused(const char *option, int status, const char *says)
{
    char path[RIG_PATH + 16];
    char *before, *after;
    size_t before_length, after_length;

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    before = rig_read(path, &before_length);
    rig_holdfast(&rig, &run, "attest", "--submit", option, NULL);
    rig_expect(&run, status, says);
    assert_string_equal(run.out, "");
    after = rig_read(path, &after_length);
    assert_int_equal(after_length, before_length);
    assert_memory_equal(after, before, before_length);
    free(before);
    free(after);
}

static void
want_pcr_0(char digit)
{
    char pcrs[2 + 64 + 1] = "0=";

    memset(pcrs + 2, digit, 64);
    rig_vaultctl(&rig, &run, "pcrs", "lab1", pcrs);
}

/* The owner wants PCRs by now. */
static void
evidence_that_is_not_believed_changes_nothing(void **state)
{
    (void)state;
    register_machine();
    want_pcr_0('a');
    expect_refused(NULL, 76, "attest --submit, with --attest-pcrs 0");
    expect_refused("--attest-pcrs=0", 76,
                   "the vault does not believe the TPM: ");
    want_pcr_0('0');
    rig_holdfast(&rig, &run, "attest", "--submit", "--attest-pcrs=0", NULL);
    rig_expect(&run, 0, "");
    submit(0, ""); /* it is kept which are quoted */
}

static void
revoked_machine_gives_none(void **state)
{
    char machine[64];

    (void)state;
    register_machine();
    rig_data_machine(&rig, machine);
    rig_vaultctl(&rig, &run, "revoke", machine, NULL);
    expect_refused(NULL, 76, "revoked: the machine was revoked");
}

static void
cleared_tpm_gives_none(void **state)
{
    (void)state;
    register_machine();
    tpm_tool(&rig, "clear", NULL);
    expect_refused(NULL, 78, "'holdfast status' says the way back");
}

/* Its EK is in the vault with the keys that were lost: any other file than
 * Replace's is refused, and the line says what goes. */
static void
cleared_tpm_is_in_the_vault_already(void **state)
{
    char machine[64];

    (void)state;
    register_machine();
    rig_data_machine(&rig, machine);
    tpm_tool(&rig, "clear", NULL);
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    rig_download(&rig, "several", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 76, "this TPM is in the vault already");
    rig_expect(&run, 76, machine);
    assert_true(rig_exists(file));
}

/* The vault's certificate is here, and the wipe is to come. */
static void
unfinished_registration_is_proved_and_then_finished(void **state)
{
    (void)state;
    rig_download(&rig, "several", file);
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--attest",
                 "off", file, NULL);
    rig_expect(&run, 0, "");
    rig_state_set(&rig, "phase", "registered");
    rig_holdfast(&rig, &run, "register", "--attest", "require", NULL);
    rig_expect(&run, 78, "'holdfast attest --submit'");
    submit(0, "");
    rig_holdfast(&rig, &run, "register", "--attest", "require", NULL);
    rig_expect(&run, 0, "");
    expect_words("emulated", "certified", "born in an emulation, certified");
}

static void
token_that_only_claims_gives_none(void **state)
{
    json_t *report;

    (void)state;
    register_machine();
    expect_refused(NULL, 78, "only claims where its keys live");
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    expect_in_report(report, "token", "machine_key_origin", "emulated");
    expect_in_report(report, "token", "machine_key_proof", "claimed");
    assert_null(json_object_get(report, "tpm_now"));
    json_decref(report);
}

#define TEST(name) RIG_CASE(name, rig_case_start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest with_certificates[] = {
        TEST(owner_comes_to_trust_the_maker),
    };
    const struct CMUnitTest without_certificates[] = {
        TEST(owner_lists_the_endorsement_key),
        TEST(new_firmware_is_new_evidence),
        TEST(evidence_that_is_not_believed_changes_nothing),
        TEST(unfinished_registration_is_proved_and_then_finished),
        TEST(revoked_machine_gives_none),
        TEST(cleared_tpm_gives_none),
        TEST(cleared_tpm_is_in_the_vault_already),
    };
    const struct CMUnitTest of_another[] = {
        TEST(token_that_only_claims_gives_none),
    };

    rig_case_begin(argc, argv);
    if (strcmp(kind, "endorsed") == 0)
        return cmocka_run_group_tests(with_certificates, NULL, NULL);
    if (strcmp(kind, "tpm2") == 0)
        return cmocka_run_group_tests(without_certificates, NULL, NULL);
    return cmocka_run_group_tests(of_another, NULL, NULL);
}
