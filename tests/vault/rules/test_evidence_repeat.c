/* SPDX-License-Identifier: Apache-2.0 */
/* An answer that is lost may be asked for again, by the same evidence or by the
 * same enrolment, and what the vault has said is what it then has. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"

static void
repeated_evidence_gets_the_same_answer(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    json_t *evidence;
    const struct reply *first;

    (void)state;
    expect_status(attestation_begin(customer, attestation), 201);
    evidence = attestation_rightful(attestation, customer);
    first = attestation_send(customer, attestation, evidence);
    expect_status(first, 200);
    assert_string_equal(attestation_send(customer, attestation, evidence)->body,
                        first->body);
    expect_refused(
        attestation_send(customer, attestation,
                         attestation_rightful(attestation, customer)),
        "nonce");
    attestation->body = kept_memory(json_dumps(evidence, JSON_COMPACT));
    expect_status(attestation_enrol(customer, attestation), 200);
    expect_refused(attestation_send(customer, attestation, evidence), "nonce");
}

static void
repeat_of_an_attested_machine_gets_the_same_certificate(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *again = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    const char *uuid;

    (void)state;
    attestation_register(customer, attestation);
    uuid = machine_uuid(customer->machine);
    again->machine = attestation->machine;
    attestation_register(customer, again);
    assert_string_equal(machine_uuid(customer->machine), uuid);
}

static const char *
proof_of(struct vault vault)
{
    return json_string_value(
        json_object_get(service_only_machine(vault), "proof"));
}

/* Without evidence, as a network process would have it; the answer is lost. */
static struct customer *
enrol_unproven(struct attestation *attestation)
{
    struct customer *customer = customer_with_token();
    struct statement proof;

    customer_reach_nonce(customer);
    proof = attestation_proof(customer, attestation, "try");
    statement_set(proof.claims, "attestation", NULL);
    expect_status(attestation_enrol_with(customer, attestation, proof), 200);
    assert_string_equal(proof_of(customer->vault), "claimed");
    return customer;
}

/* The machine is told that its evidence is good, and says so from there on. */
static void
evidence_of_a_repeat_is_kept(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = enrol_unproven(attestation);
    const char *uuid = machine_uuid(customer->machine);

    (void)state;
    attestation_register(customer, attestation);
    assert_string_equal(machine_uuid(customer->machine), uuid);
    assert_string_equal(proof_of(customer->vault), "certified");
    /* And once more, the answer being lost. */
    expect_status(attestation_enrol(customer, attestation), 200);
    assert_string_equal(proof_of(customer->vault), "certified");
}

static void
repeat_that_requires_proof_is_refused_without(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = enrol_unproven(attestation);
    struct statement proof;

    (void)state;
    customer_reach_nonce(customer);
    proof = attestation_proof(customer, attestation, "require");
    statement_set(json_object_get(proof.claims, "attestation"), "ak_name",
                  NULL);
    expect_refused(attestation_enrol_with(customer, attestation, proof),
                   "evidence");
    expect_status(attestation_begin(customer, attestation), 201);
    attestation->body = "{}";
    expect_refused(attestation_enrol(customer, attestation), "evidence");
    assert_string_equal(proof_of(customer->vault), "claimed");
}

/* Nor does a repeat pass the checks of an enrolment by. */
static void
evidence_of_a_repeat_is_for_its_machine_alone(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *other = attestation_new(maker_tpm());
    struct customer *customer = enrol_unproven(attestation);
    struct tpm_key *rightful = attestation->machine;

    (void)state;
    customer_reach_token(customer);
    expect_status(attestation_begin(customer, attestation), 201);
    attestation->machine = other->machine;
    expect_status(attestation_send(customer, attestation,
                                   attestation_rightful(attestation, customer)),
                  200);
    attestation->machine = rightful;
    expect_refused(attestation_enrol(customer, attestation), "evidence");
    assert_string_equal(proof_of(customer->vault), "claimed");
}

static void
repeat_with_the_tpm_of_another_machine_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = enrol_unproven(attestation);
    struct customer *rightful;

    (void)state;
    rightful = customer_copy(customer);
    attestation_register(rightful, attestation_new(maker_tpm()));
    attestation_reach_evidence(customer, attestation);
    expect_refused(attestation_enrol(customer, attestation), "duplicate");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(repeated_evidence_gets_the_same_answer),
        rule(repeat_of_an_attested_machine_gets_the_same_certificate),
        rule(evidence_of_a_repeat_is_kept),
        rule(repeat_that_requires_proof_is_refused_without),
        rule(evidence_of_a_repeat_is_for_its_machine_alone),
        rule(repeat_with_the_tpm_of_another_machine_is_refused),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
