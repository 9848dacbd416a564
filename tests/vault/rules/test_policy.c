/* SPDX-License-Identifier: Apache-2.0 */
/* Who is let in is the owner's to say, is said as early as it can be known, and
 * counts at the moment of the enrolment. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"

/* A proof that says of the key what ORIGIN and EMULATED say. */
static const struct reply *
enrol_saying(struct customer *customer, const char *kind, const char *origin,
             int emulated)
{
    struct statement proof = statement_proof(
        customer->credential, customer->machine_key, customer->nonce);
    struct request request;

    assert_int_equal(
        json_object_set_new(proof.claims, "key_store",
                            json_pack("{s:s, s:s, s:b}", "kind", kind, "origin",
                                      origin, "emulated", emulated)),
        0);
    request = customer_enrol_request(customer, statement_sign(proof));
    return connection_send(customer->line, &request);
}

static void
expect_no_machine(struct vault vault)
{
    assert_int_equal(json_array_size(service_machines(vault)), 0);
}

/* --- any, born --- */

static void
any_key_is_let_in_unless_the_owner_says_otherwise(void **state)
{
    struct customer *customer = customer_with_token();

    (void)state;
    expect_status(customer_nonce(customer), 201);
    expect_status(enrol_saying(customer, "soft", "imported", 1), 200);
}

static void
born_believes_what_is_said_and_lets_in_no_emulation(void **state)
{
    struct customer *customer = customer_with_token();

    (void)state;
    service_set_policy(customer->vault, "born");
    expect_status(customer_nonce(customer), 201);
    expect_refused(enrol_saying(customer, "soft", "born", 1), "policy");
    expect_refused(enrol_saying(customer, "pkcs11", "imported", 0), "policy");
    expect_no_machine(customer->vault);
    expect_status(enrol_saying(customer, "pkcs11", "born", 0), 200);
}

/* By its certificate alone, whatever the machine says of itself. */
static void
born_lets_in_no_emulated_tpm(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct statement proof;

    (void)state;
    expect_status(attestation_begin(customer, attestation), 201);
    expect_status(attestation_send(customer, attestation,
                                   attestation_rightful(attestation, customer)),
                  200);
    service_set_policy(customer->vault, "born");
    proof = attestation_proof(customer, attestation, "try");
    assert_int_equal(
        json_object_set_new(json_object_get(proof.claims, "key_store"),
                            "emulated", json_false()),
        0);
    expect_refused(attestation_enrol_with(customer, attestation, proof),
                   "policy");
    expect_refused(attestation_offer(customer, attestation->offer), "policy");
    expect_no_machine(customer->vault);
}

/* --- EK-verified --- */

static void
ek_verified_refuses_who_proves_nothing_before_any_certificate(void **state)
{
    struct customer *customer = customer_with_token();
    const struct reply *reply;

    (void)state;
    expect_status(customer_nonce(customer), 201);
    service_set_policy(customer->vault, "EK-verified");
    reply = customer_nonce(customer);
    expect_refused(reply, "policy");
    expect_said(reply, "TPM 2.0");
    /* With the nonce from before the policy. */
    expect_refused(enrol_saying(customer, "soft", "born", 1), "policy");
    expect_refused(enrol_saying(customer, "pkcs11", "born", 0), "policy");
    expect_refused(enrol_saying(customer, "tpm2", "born", 0), "policy");
    expect_no_machine(customer->vault);
}

static void
ek_verified_names_the_ek_that_nobody_vouches_for(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    const struct reply *reply;

    (void)state;
    service_set_policy(customer->vault, "EK-verified");
    reply = attestation_offer(customer, attestation->offer);
    expect_refused(reply, "policy");
    expect_said(reply, attestation_ek(maker_tpm()));
    service_allow(customer->vault, attestation_ek(maker_other_tpm()));
    expect_refused(attestation_offer(customer, attestation->offer), "policy");
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    attestation_register(customer, attestation);
}

/* Another vault's trust is its own. */
static void
trust_is_of_one_vault(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct vault other = service_fresh_vault();

    (void)state;
    service_set_policy(customer->vault, "EK-verified");
    service_allow(other, attestation_ek(maker_tpm()));
    service_trust(other, maker_root());
    service_trust(other, maker_issuer());
    expect_refused(attestation_offer(customer, attestation->offer), "policy");
}

/* Nothing else is against it: the EK is listed, and no emulation's by any
 * certificate or claim. */
static void
evidence_that_never_came_is_not_enough(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct statement proof;
    const struct reply *reply;

    (void)state;
    service_set_policy(customer->vault, "EK-verified");
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    statement_set(json_object_get(attestation->offer, "endorsement"),
                  "certificate", NULL);
    expect_status(attestation_begin(customer, attestation), 201);
    proof = attestation_proof(customer, attestation, "try");
    assert_int_equal(
        json_object_set_new(json_object_get(proof.claims, "key_store"),
                            "emulated", json_false()),
        0);
    reply = attestation_enrol_with(customer, attestation, proof);
    expect_refused(reply, "policy");
    expect_said(reply, "proves nothing");
    expect_no_machine(customer->vault);
}

static void
policy_counts_at_the_enrolment(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();

    (void)state;
    attestation_reach_evidence(customer, attestation);
    service_set_policy(customer->vault, "EK-verified");
    expect_refused(attestation_enrol(customer, attestation), "policy");
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    service_disallow(customer->vault, attestation_ek(maker_tpm()));
    expect_refused(attestation_enrol(customer, attestation), "policy");
    expect_no_machine(customer->vault);
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    expect_status(attestation_enrol(customer, attestation), 200);
}

/* The machine that is in stays in, and gets its certificate again. */
static void
repeat_is_answered_under_any_policy(void **state)
{
    struct customer *customer = customer_with_token();
    const struct reply *first;
    struct request request;

    (void)state;
    expect_status(customer_nonce(customer), 201);
    request = customer_enrol_request(customer, customer_proof(customer));
    first = connection_send(customer->line, &request);
    expect_status(first, 200);
    service_set_policy(customer->vault, "EK-verified");
    expect_status(customer_token_again(customer), 200);
    expect_status(customer_nonce(customer), 201);
    request = customer_enrol_request(customer, customer_proof(customer));
    assert_string_equal(connection_send(customer->line, &request)->body,
                        first->body);
}

/* --- PCRs --- */

#define RESET "0000000000000000000000000000000000000000000000000000000000000000"
#define OTHER "1111111111111111111111111111111111111111111111111111111111111111"

static void
pcrs_that_are_wanted_must_be_quoted(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    const struct reply *reply;

    (void)state;
    service_set_pcrs(customer->vault, "0=" RESET);
    expect_refused(customer_nonce(customer), "policy");
    reply = attestation_offer(customer, attestation->offer);
    expect_refused(reply, "policy");
    expect_said(reply, "--attest-pcrs 0");
    attestation_ask_quote(attestation);
    attestation_register(customer, attestation);
}

static void
pcrs_of_other_values_are_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();

    (void)state;
    attestation_ask_quote(attestation);
    attestation_reach_evidence(customer, attestation);
    service_set_pcrs(customer->vault, "0=" OTHER);
    expect_refused(attestation_enrol(customer, attestation), "evidence");
    expect_status(attestation_begin(customer, attestation), 201);
    expect_refused(
        attestation_send(customer, attestation,
                         attestation_rightful(attestation, customer)),
        "evidence");
    expect_no_machine(customer->vault);
    service_set_pcrs(customer->vault, "none");
    attestation_register(customer, attestation);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(any_key_is_let_in_unless_the_owner_says_otherwise),
        rule(born_believes_what_is_said_and_lets_in_no_emulation),
        rule(born_lets_in_no_emulated_tpm),
        rule(ek_verified_refuses_who_proves_nothing_before_any_certificate),
        rule(ek_verified_names_the_ek_that_nobody_vouches_for),
        rule(trust_is_of_one_vault),
        rule(evidence_that_never_came_is_not_enough),
        rule(policy_counts_at_the_enrolment),
        rule(repeat_is_answered_under_any_policy),
        rule(pcrs_that_are_wanted_must_be_quoted),
        rule(pcrs_of_other_values_are_refused),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
