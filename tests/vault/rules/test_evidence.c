/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence proves one key of one TPM for one enrolment, and nothing else: every
 * other use of it is refused, by its name. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

static void
expect_word(const json_t *object, const char *name, const char *word)
{
    const char *text = json_string_value(json_object_get(object, name));

    assert_non_null(text);
    assert_string_equal(text, word);
}

static void
evidence_of_a_tpm_registers_its_key(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    const struct reply *reply;
    const json_t *machine;

    (void)state;
    expect_status(attestation_begin(customer, attestation), 201);
    reply = attestation_send(customer, attestation,
                             attestation_rightful(attestation, customer));
    expect_status(reply, 200);
    expect_word(reply->json, "origin", "emulated");
    expect_word(reply->json, "proof", "certified");
    assert_true(json_is_true(json_object_get(reply->json, "emulated")));
    expect_status(attestation_enrol(customer, attestation), 200);
    machine = service_only_machine(customer->vault);
    expect_word(machine, "machine", machine_uuid(customer->machine));
    expect_word(machine, "origin", "emulated");
    expect_word(machine, "proof", "certified");
    expect_word(machine, "ek", attestation_ek(maker_tpm()));
}

/* Both facts, where the owner trusts the emulation's maker on purpose. */
static void
trusted_emulation_is_shown_as_both(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    const json_t *machine;

    (void)state;
    service_set_policy(customer->vault, "EK-verified");
    service_trust(customer->vault, maker_root());
    service_trust(customer->vault, maker_issuer());
    attestation_register(customer, attestation);
    machine = service_only_machine(customer->vault);
    expect_word(machine, "origin", "born");
    expect_word(machine, "proof", "EK-verified");
    assert_true(json_is_true(json_object_get(machine, "emulated")));
}

static void
statements_of_another_tpm_are_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *other = attestation_new(maker_other_tpm());
    struct customer *customer = attestation_customer(attestation);
    json_t *evidence;

    (void)state;
    other->secret = attestation->secret;
    evidence = attestation_rightful(other, customer);
    attestation_refuse(customer, attestation, evidence);
}

/* The certified key is another than the one that the request is signed by. */
static void
evidence_of_another_key_enrols_nothing(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    struct tpm_key *rightful = attestation->machine;

    (void)state;
    expect_status(attestation_send(customer, attestation,
                                   attestation_rightful(attestation, customer)),
                  200);
    attestation->machine = tpm_create(maker_tpm(), TPM_MACHINE_KEY);
    expect_refused(attestation_enrol(customer, attestation), "evidence");
    attestation->machine = rightful;
    expect_status(attestation_enrol(customer, attestation), 200);
}

/* The thief's key is in no TPM; proof and evidence are as they should be. */
static void
software_key_with_copied_evidence_enrols_nothing(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    struct statement proof;
    struct request request;

    (void)state;
    expect_status(attestation_send(customer, attestation,
                                   attestation_rightful(attestation, customer)),
                  200);
    proof = attestation_proof(customer, attestation, "require");
    statement_set(proof.claims, "spki_sha256",
                  statement_key_hash(customer->machine_key));
    request = customer_enrol_request(customer, statement_sign(proof));
    expect_refused(connection_send(customer->line, &request), "evidence");
    expect_status(attestation_enrol(customer, attestation), 200);
}

/* All of an earlier enrolment but nonce and secret, which are the new one's. */
static void
replayed_statements_are_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    json_t *evidence = attestation_rightful(attestation, customer);

    (void)state;
    expect_status(attestation_begin(customer, attestation), 201);
    statement_set(evidence, "nonce", customer->nonce);
    statement_set(evidence, "secret", attestation->secret);
    attestation_refuse(customer, attestation, evidence);
}

static void
evidence_for_another_vault_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    uint8_t qualifying[32];

    (void)state;
    attestation_qualify(customer->nonce, service_fresh_vault().id,
                        attestation->machine->key,
                        customer->credential->certificate, qualifying);
    attestation_refuse(
        customer, attestation,
        attestation_evidence(attestation, customer->nonce, qualifying));
}

static void
evidence_for_another_credential_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    struct customer *other = customer_with_token();
    const struct reply *reply;
    uint8_t qualifying[32];

    (void)state;
    attestation_qualify(customer->nonce, customer->vault.id,
                        attestation->machine->key,
                        other->credential->certificate, qualifying);
    reply = attestation_send(other, attestation,
                             attestation_rightful(attestation, customer));
    expect_refused(reply, "evidence");
    expect_said(reply, "given to another certificate");
    attestation_refuse(
        customer, attestation,
        attestation_evidence(attestation, customer->nonce, qualifying));
}

static void
keys_of_two_tpms_open_no_challenge(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *other = attestation_new(maker_other_tpm());
    struct customer *customer = customer_with_token();
    const struct reply *reply;
    const char *challenge;

    (void)state;
    attestation_offer_key(attestation, other->ak);
    reply = attestation_offer(customer, attestation->offer);
    expect_status(reply, 201);
    challenge = reply_text(reply, "challenge");
    assert_false(attestation_opens(maker_other_tpm(), other->ak, challenge));
    assert_false(attestation_opens(maker_tpm(), attestation->ak, challenge));
    /* The rest by the TPM with the AK, and a secret that is guessed. */
    other->secret = statement_base64url((const uint8_t[32]){0}, 32);
    expect_refused(attestation_send(customer, other,
                                    attestation_rightful(other, customer)),
                   "evidence");
}

static void
evidence_for_no_challenge_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    json_t *evidence = attestation_rightful(attestation, customer);
    struct request request;

    (void)state;
    expect_status(customer_nonce(customer), 201);
    statement_set(evidence, "nonce", customer->nonce);
    expect_refused(attestation_send(customer, attestation, evidence), "nonce");
    statement_set(evidence, "nonce", NULL);
    expect_refused(attestation_send(customer, attestation, evidence),
                   "request");
    request = attestation_request(customer, "{\"nonce\":\"x\"}");
    request.type = "text/plain";
    expect_refused(connection_send(customer->line, &request), "type");
    request.type = "application/json";
    request.method = "GET";
    request.body = NULL;
    expect_refused(connection_send(customer->line, &request), "method");
}

static void
evidence_past_its_time_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);

    (void)state;
    service_set_clock(601);
    customer_reach_token(customer);
    expect_refused(
        attestation_send(customer, attestation,
                         attestation_rightful(attestation, customer)),
        "nonce");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(evidence_of_a_tpm_registers_its_key),
        rule(trusted_emulation_is_shown_as_both),
        rule(statements_of_another_tpm_are_refused),
        rule(evidence_of_another_key_enrols_nothing),
        rule(software_key_with_copied_evidence_enrols_nothing),
        rule(replayed_statements_are_refused),
        rule(evidence_for_another_vault_is_refused),
        rule(evidence_for_another_credential_is_refused),
        rule(keys_of_two_tpms_open_no_challenge),
        rule(evidence_for_no_challenge_is_refused),
        rule(evidence_past_its_time_is_refused),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
