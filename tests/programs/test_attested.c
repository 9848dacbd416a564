/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations that prove where the key lives, with a TPM that its maker
 * vouches for and the vault that asks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_state.h"
#include "tests/support/rig_tpm.h"
#include "tests/support/tpm2/swtpm_maker.h"

static void
attempt(const char *mode)
{
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--json",
                 "--attest", mode, file, NULL);
}

static void
want(const char *policy)
{
    rig_vaultctl(&rig, &run, "policy", "lab1", policy);
}

/* What the state says under KEY; the caller releases *RET_STATE. */
static const char *
state_says(const char *key, json_t **ret_state)
{
    const char *text;

    *ret_state = rig_state_load(&rig);
    text = json_string_value(json_object_get(*ret_state, key));
    return text != NULL ? text : "";
}

static void
expect_registered(const char *origin, const char *proof)
{
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    rig_state_expect(&rig, "machine_key_origin", origin);
    rig_state_expect(&rig, "machine_key_proof", proof);
}

static void
expect_refused(int status, const char *says)
{
    rig_expect(&run, status, says);
    assert_true(rig_exists(file));
    rig_state_expect(&rig, "machine", "");
    rig_state_expect(&rig, "machine_certificate", "");
}

static void
tpm_of_an_unknown_maker_certifies(void **state)
{
    json_t *json;

    (void)state;
    rig_register(&rig, &run, file);
    expect_registered("emulated", "certified");
    assert_int_equal(strlen(state_says("tpm_ek_sha256", &json)), 64);
    json_decref(json);
    assert_string_not_equal(state_says("tpm_firmware", &json), "");
    json_decref(json);
}

static void
tpm_of_a_trusted_maker_is_verified(void **state)
{
    (void)state;
    tpm_trust_maker(&rig);
    want("EK-verified");
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--attest",
                 "require", "--attest-pcrs", "0,7", file, NULL);
    expect_registered("born", "EK-verified");
}

/* In no mode; then the same file does. */
static void
tpm_that_nobody_vouches_for_is_refused_until_it_is_listed(void **state)
{
    static const char *const modes[] = {"off", "try", "require"};
    char ek[65];
    json_t *json;

    (void)state;
    rig_register(&rig, &run, file);
    expect_registered("emulated", "certified");
    snprintf(ek, sizeof ek, "%s", state_says("tpm_ek_sha256", &json));
    json_decref(json);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    rig_download(&rig, "one", file);
    want("EK-verified");
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        attempt(modes[i]);
        expect_refused(76, "the vault wants proof of where the key lives");
    }
    rig_vaultctl(&rig, &run, "allow", "lab1", ek);
    rig_register(&rig, &run, file);
    expect_registered("born", "EK-verified");
    rig_state_expect(&rig, "tpm_ek_sha256", ek);
}

/* Two states on one TPM, as a clone has them. */
static void
same_tpm_is_registered_once(void **state)
{
    static char first[RIG_PATH];

    (void)state;
    rig_register(&rig, &run, file);
    expect_registered("emulated", "certified");
    snprintf(first, sizeof first, "%s", rig.state);
    snprintf(rig.state, sizeof rig.state, "%.150s/clone", rig.directory);
    rig_download(&rig, "one", file);
    rig_register(&rig, &run, file);
    expect_refused(76, "this TPM is in the vault already");
    snprintf(rig.state, sizeof rig.state, "%s", first);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    snprintf(rig.state, sizeof rig.state, "%.150s/clone", rig.directory);
    rig_register(&rig, &run, file);
    expect_registered("emulated", "certified");
}

/* The machine that has this TPM is this one. */
static void
lost_reply_is_made_good_with_evidence_anew(void **state)
{
    json_t *json;
    char ek[65];

    (void)state;
    tpm_trust_maker(&rig);
    want("EK-verified");
    rig_use_net(&rig, NET_REPLY_LOST);
    attempt("require");
    expect_refused(69, "the connection broke");
    rig_use_net(&rig, NULL);
    rig_register(&rig, &run, file);
    expect_registered("born", "EK-verified");
    snprintf(ek, sizeof ek, "%s", state_says("tpm_ek_sha256", &json));
    json_decref(json);
    assert_int_equal(strlen(ek), 64);
}

/* A vault that lets in anybody would take the machine for one without a TPM. */
static void
offer_that_is_taken_away_is_missed(void **state)
{
    (void)state;
    rig_use_net(&rig, NET_WITHOUT_OFFER);
    attempt("try");
    expect_refused(76, "proof: ");
    attempt("require");
    expect_refused(78, "where the key lives cannot be proved");
    rig_use_net(&rig, NULL);
    rig_register(&rig, &run, file);
    expect_registered("emulated", "certified");
}

/* What the TPM lacks is said with what mends it; `try` goes on without. */
static void
password_of_the_hierarchy_is_in_the_way_of_proof_alone(void **state)
{
    (void)state;
    tpm_tool(&rig, "changeauth", "-c", "endorsement", "secret", NULL);
    attempt("require");
    expect_refused(78, "where the key lives cannot be proved: the TPM's "
                       "endorsement hierarchy has a password; take it off");
    attempt("try");
    expect_registered("", "");
    rig_holdfast(&rig, &run, "attest", "--submit", NULL);
    rig_expect(&run, 78,
               "where the key lives cannot be proved: the TPM's "
               "endorsement hierarchy has a password; take it off");
}

static void
nothing_is_proved_where_it_is_off(void **state)
{
    (void)state;
    attempt("off");
    expect_registered("", "");
    rig_state_expect(&rig, "tpm_ek_sha256", "");
}

#define TEST(name) RIG_CASE(name, rig_case_start_one)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(tpm_of_an_unknown_maker_certifies),
        TEST(tpm_of_a_trusted_maker_is_verified),
        TEST(tpm_that_nobody_vouches_for_is_refused_until_it_is_listed),
        TEST(same_tpm_is_registered_once),
        TEST(lost_reply_is_made_good_with_evidence_anew),
        TEST(offer_that_is_taken_away_is_missed),
        TEST(password_of_the_hierarchy_is_in_the_way_of_proof_alone),
        TEST(nothing_is_proved_where_it_is_off),
    };

    return rig_case_main(argc, argv, tests);
}
