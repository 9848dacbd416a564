/* SPDX-License-Identifier: Apache-2.0 */
/* Offer and evidence travel beside the proof, which alone is signed: what was
 * taken away on the way, or put in, is missed. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"

static void
expect_no_machine(struct vault vault)
{
    assert_int_equal(json_array_size(service_machines(vault)), 0);
}

static void
offer_that_was_taken_away_is_missed(void **state)
{
    static const char *const modes[] = {"try", "require"};
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        expect_status(customer_nonce(customer), 201);
        expect_refused(attestation_enrol_with(
                           customer, attestation,
                           attestation_proof(customer, attestation, modes[i])),
                       "proof");
    }
    expect_no_machine(customer->vault);
}

static void
evidence_that_was_taken_away_is_missed(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct statement proof;
    const struct reply *reply;

    (void)state;
    expect_status(attestation_begin(customer, attestation), 201);
    /* It never comes, and the proof does not know. */
    attestation->body = "{}";
    reply = attestation_enrol_with(
        customer, attestation, attestation_proof(customer, attestation, "try"));
    expect_refused(reply, "evidence");
    expect_said(reply, "took it away");
    attestation->body = NULL;
    expect_refused(attestation_enrol(customer, attestation), "evidence");
    /* Even where all that names the AK is gone as well. */
    expect_status(customer_nonce(customer), 201);
    proof = attestation_proof(customer, attestation, "require");
    statement_set(json_object_get(proof.claims, "attestation"), "ak_name",
                  NULL);
    expect_refused(attestation_enrol_with(customer, attestation, proof),
                   "evidence");
    expect_no_machine(customer->vault);
}

/* A network process that attests by a TPM of its own. */
static void
evidence_that_the_proof_does_not_name_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *other = attestation_new(maker_other_tpm());
    struct customer *customer = customer_with_token();
    struct statement proof;

    (void)state;
    attestation_reach_evidence(customer, attestation);
    proof = attestation_proof(customer, attestation, "try");
    statement_set(proof.claims, "attestation", NULL);
    expect_refused(attestation_enrol_with(customer, attestation, proof),
                   "proof");
    other->body = attestation->body;
    other->machine = attestation->machine;
    proof = attestation_proof(customer, other, "try");
    expect_refused(attestation_enrol_with(customer, attestation, proof),
                   "proof");
    proof = attestation_proof(customer, attestation, "try");
    statement_set(json_object_get(proof.claims, "attestation"),
                  "evidence_sha256", NULL);
    expect_refused(attestation_enrol_with(customer, attestation, proof),
                   "evidence");
    expect_no_machine(customer->vault);
    expect_status(attestation_enrol(customer, attestation), 200);
}

static void
claim_of_another_form_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    json_t *wrong[] = {
        kept_json(json_pack("{s:s}", "mode", "maybe")),
        kept_json(json_pack("{s:s, s:i}", "mode", "try", "ak_name", 1)),
        kept_json(
            json_pack("{s:s, s:s}", "mode", "try", "evidence_sha256", "x")),
        kept_json(json_string("try")),
    };

    (void)state;
    attestation_reach_evidence(customer, attestation);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct statement proof = attestation_proof(customer, attestation,
                                                   "try");

        (void)json_object_set(proof.claims, "attestation", wrong[i]);
        expect_refused(attestation_enrol_with(customer, attestation, proof),
                       "proof");
    }
    expect_status(attestation_enrol(customer, attestation), 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(offer_that_was_taken_away_is_missed),
        rule(evidence_that_was_taken_away_is_missed),
        rule(evidence_that_the_proof_does_not_name_is_refused),
        rule(claim_of_another_form_is_refused),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
