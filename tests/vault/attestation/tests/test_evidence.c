/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of a real TPM: what is wrong with it is refused by name, and each
 * bit of it counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/own_directory.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/vault/attestation/tests/alter.h"
#include "tests/vault/attestation/tests/round.h"

#define PLACES 100
#define PCRS 0x81 /* 0 and 7 */
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

static struct swtpm *swtpm;
static struct tpm *tpm;
static struct round full; /* with all that evidence may have */

static int
set_up(void **state)
{
    const struct round_of of = {
        .ek = TPM_P256, .pcrs = PCRS, .has_credential = true};

    assert_int_equal(own_directory_make(state), 0);
    swtpm = swtpm_new(directory);
    assert_non_null(swtpm);
    tpm = tpm_new(swtpm_socket(swtpm));
    round_make(tpm, &of, &full);
    return 0;
}

static int
tear_down(void **state)
{
    round_free(&full);
    tpm_free(tpm);
    swtpm_free(&swtpm);
    return own_directory_remove(state);
}

/* --- refused --- */

static void
refuses_every_altered_bit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PLACES; i++) {
        json_t *evidence = json_deep_copy(full.evidence);

        alter_bit(evidence);
        round_refuse(&full, evidence, "");
        json_decref(evidence);
    }
}

static void
refuses_every_altered_character(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PLACES; i++) {
        json_t *evidence = json_deep_copy(full.evidence);

        alter_character(evidence);
        round_refuse(&full, evidence, "");
        json_decref(evidence);
    }
}

/* Of a P-256 EK each bit is held by its curve or its template; a modulus would
 * be another key, which does not give the secret back. */
static void
refuses_an_offer_that_was_altered_on_the_way(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PLACES; i++) {
        json_t *json = json_deep_copy(full.offer_json);
        struct attestation_fault fault;
        struct round altered = full;

        alter_bit(json);
        altered.offer = attestation_offer_read(json, &fault);
        if (altered.offer != NULL)
            round_refuse(&altered, full.evidence, "");
        attestation_offer_free(altered.offer);
        json_decref(json);
    }
}

/* Members that are taken away, and the sentence for each. */
static const struct {
    const char *member;
    const char *of; /* NULL: of the evidence itself */
    const char *says;
} missing[] = {
    {"nonce", NULL, "the nonce is not that of this offer"},
    {"secret", NULL, "the secret is not the challenge's"},
    {"creation", NULL, "the creation statement or its signature is missing"},
    {"data", "creation", "the creation data are not those of the creation"},
    {"machine", NULL, "the machine's key is missing"},
    {"public", "machine", "the machine's key is missing"},
    {"statement", "machine",
     "the machine key's statement or its signature is missing"},
    {"signature", "machine",
     "the machine key's statement or its signature is missing"},
    {"public", "credential", "the credential's key is missing"},
    {"statement", "credential",
     "the credential key's statement or its signature is missing"},
    {"quote", NULL, "the quote that the offer promises is missing"},
    {"values", "quote", "the quote's values are not one SHA-256 for each PCR"},
};

static void
refuses_what_is_incomplete(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        json_t *evidence = json_deep_copy(full.evidence);
        json_t *from = missing[i].of == NULL
                           ? evidence
                           : json_object_get(evidence, missing[i].of);

        assert_int_equal(json_object_del(from, missing[i].member), 0);
        round_refuse(&full, evidence, missing[i].says);
        json_decref(evidence);
    }
    round_refuse(&full, NULL, "the nonce is not that of this offer");
}

/* A statement in the place of another: all are the same AK's, for the same
 * enrolment. */
static void
refuses_statements_in_each_others_place(void **state)
{
    static const char *const members[] = {"creation", "machine", "quote"};
    static const char *const says[] = {"the creation statement is of another",
                                       "the machine key's statement is of",
                                       "the quote is of another kind"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        json_t *evidence = json_deep_copy(full.evidence);
        json_t *to = json_object_get(evidence, members[i]);
        const json_t *from = json_object_get(full.evidence,
                                             members[(i + 1) % 3]);

        assert_int_equal(
            json_object_set(to, "statement",
                            json_object_get(from, "statement")) |
                json_object_set(to, "signature",
                                json_object_get(from, "signature")),
            0);
        round_refuse(&full, evidence, says[i]);
        json_decref(evidence);
    }
}

/* The credential's certified key, which came from a file, as the machine's. */
static void
refuses_the_credentials_key_as_the_machines(void **state)
{
    json_t *evidence = json_deep_copy(full.evidence);

    (void)state;
    assert_int_equal(
        json_object_set(evidence, "machine",
                        json_object_get(full.evidence, "credential")),
        0);
    round_refuse(&full, evidence, "the machine's key was imported");
    json_decref(evidence);
}

static void
refuses_an_imported_machine_key(void **state)
{
    const struct round_of of = {.ek = TPM_P256, .imports = true};
    struct round round;

    (void)state;
    round_make(tpm, &of, &round);
    round_refuse(&round, round.evidence,
                 "the machine's key was imported or can leave its TPM: "
                 "fixedTPM is not set");
    round_free(&round);
}

static void
refuses_what_is_bound_to_something_else(void **state)
{
    struct round other = full;

    (void)state;
    other.expected.vault = "4712";
    round_refuse(&other, full.evidence, "the creation statement is bound to");
    other = full;
    other.expected.certificate_sha256[0] ^= 1;
    round_refuse(&other, full.evidence, "the creation statement is bound to");
    other = full;
    other.expected.secret[31] ^= 1;
    round_refuse(&other, full.evidence, "the secret is not the challenge's");
}

/* Of an earlier enrolment, with the new nonce written over the old one. */
static void
refuses_a_replay(void **state)
{
    const struct round_of of = {.ek = TPM_P256, .pcrs = PCRS};
    struct round now;
    json_t *evidence = json_deep_copy(full.evidence);

    (void)state;
    round_make(tpm, &of, &now);
    round_refuse(&now, evidence, "the nonce is not that of this offer");
    assert_int_equal(
        json_object_set_new(evidence, "nonce", json_string(now.nonce)), 0);
    round_refuse(&now, evidence, "the secret is not the challenge's");
    assert_int_equal(json_object_set(evidence, "secret",
                                     json_object_get(now.evidence, "secret")),
                     0);
    round_refuse(&now, evidence,
                 "the creation statement is not signed by the offer's AK");
    json_decref(evidence);
    round_free(&now);
}

/* Statements about one born key, shown with another. */
static void
refuses_another_key(void **state)
{
    json_t *evidence = json_deep_copy(full.evidence);
    const struct round_of of = {.ek = TPM_P256};
    struct round other;

    (void)state;
    round_make(tpm, &of, &other);
    assert_int_equal(
        json_object_set(
            json_object_get(evidence, "machine"), "public",
            json_object_get(json_object_get(other.evidence, "machine"),
                            "public")),
        0);
    round_refuse(&full, evidence, "the creation statement is bound to");
    json_decref(evidence);
    round_free(&other);
}

/* The machine's area beside the statement about the credential's. */
static void
refuses_another_key_as_the_credentials(void **state)
{
    json_t *evidence = json_deep_copy(full.evidence);
    const json_t *machine = json_object_get(evidence, "machine");

    (void)state;
    assert_int_equal(json_object_set(json_object_get(evidence, "credential"),
                                     "public",
                                     json_object_get(machine, "public")),
                     0);
    round_refuse(&full, evidence,
                 "the credential key's statement is about another key");
    json_decref(evidence);
}

static void
refuses_pcrs_that_the_owner_does_not_want(void **state)
{
    static const struct {
        const char *policy;
        const char *says;
    } wants[] = {
        {"1=0000000000000000000000000000000000000000000000000000000000000000",
         "the quote does not have PCR 1"},
        {"7=0000000000000000000000000000000000000000000000000000000000000001",
         "PCR 7 has another value"}};
    struct round round = full;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        round.expected.pcr_policy = wants[i].policy;
        round_refuse(&round, full.evidence, wants[i].says);
    }
}

/* --- accepted --- */

static void
takes_what_is_right(void **state)
{
    static const struct round_of rounds[] = {
        {.ek = TPM_RSA_2048, .has_credential = true},
        {.ek = TPM_P256, .rsa = true, .pcrs = 0xffffff},
        {.ek = TPM_P384, .pcrs = 1}};
    struct attestation_result result;

    (void)state;
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        struct round round;

        round_make(tpm, &rounds[i], &round);
        round_accept(&round, round.evidence, &result);
        assert_int_equal(result.pcrs, rounds[i].pcrs);
        assert_int_equal(strlen(result.machine_sha256), 64);
        assert_int_equal(strlen(result.credential_sha256),
                         rounds[i].has_credential ? 64 : 0);
        assert_true(result.clock > 0);
        round_free(&round);
    }
}

static void
takes_pcrs_that_the_owner_wants(void **state)
{
    struct round round = full;
    struct attestation_result result;

    (void)state;
    round.expected.pcr_policy = "7=" ZERO ",0=" ZERO;
    round_accept(&round, full.evidence, &result);
    assert_int_equal(result.pcrs, PCRS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_every_altered_bit),
        cmocka_unit_test(refuses_every_altered_character),
        cmocka_unit_test(refuses_an_offer_that_was_altered_on_the_way),
        cmocka_unit_test(refuses_what_is_incomplete),
        cmocka_unit_test(refuses_statements_in_each_others_place),
        cmocka_unit_test(refuses_the_credentials_key_as_the_machines),
        cmocka_unit_test(refuses_an_imported_machine_key),
        cmocka_unit_test(refuses_what_is_bound_to_something_else),
        cmocka_unit_test(refuses_a_replay),
        cmocka_unit_test(refuses_another_key),
        cmocka_unit_test(refuses_another_key_as_the_credentials),
        cmocka_unit_test(refuses_pcrs_that_the_owner_does_not_want),
        cmocka_unit_test(takes_what_is_right),
        cmocka_unit_test(takes_pcrs_that_the_owner_wants),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
