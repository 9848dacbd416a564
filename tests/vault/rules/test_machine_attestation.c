/* SPDX-License-Identifier: Apache-2.0 */
/* A registered machine gives evidence anew, of the key that it registered with
 * and of no other, and is looked at as one that enrols is. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/attestation_anew.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

/* A machine of a fresh vault whose key is in a TPM; with evidence, or without
 * (a vault that asked for none). */
static struct customer *
make_machine(struct vault vault, struct attestation *attestation, bool attested)
{
    struct customer *customer = customer_new(vault, "several");
    struct statement proof;

    if (attested) {
        attestation_register(customer, attestation);
        return customer;
    }
    customer_reach_nonce(customer);
    proof = attestation_proof(customer, attestation, "off");
    statement_set(proof.claims, "attestation", NULL);
    expect_status(attestation_enrol_with(customer, attestation, proof), 200);
    return customer;
}

/* What the vault's list says of CUSTOMER's machine. */
static const char *
listed(const struct customer *customer, const char *word)
{
    json_t *machines = service_machines(customer->vault);
    const char *uuid = machine_uuid(customer->machine);
    json_t *machine;
    size_t i;

    json_array_foreach(machines, i, machine)
    {
        if (strcmp(json_string_value(json_object_get(machine, "machine")),
                   uuid) == 0)
            return json_string_value(json_object_get(machine, word));
    }
    fail_msg("%s is not listed", uuid);
    return NULL;
}

static void
machine_gives_evidence_later(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_machine(service_fresh_vault(), attestation,
                                             false);
    struct connection *line = attestation_anew_line(customer, attestation);
    const struct reply *reply;
    const char *nonce;
    json_t *evidence;

    (void)state;
    assert_string_equal(listed(customer, "proof"), "claimed");
    nonce = attestation_anew_offer(line, customer, attestation);
    evidence = attestation_anew_evidence(customer, attestation, nonce);
    reply = attestation_anew_send(line, customer, "evidence", evidence);
    expect_status(reply, 200);
    assert_string_equal(reply_text(reply, "proof"), "certified");
    assert_string_equal(listed(customer, "proof"), "certified");
    assert_string_equal(listed(customer, "ek"), attestation_ek(maker_tpm()));
    /* The answer may have been lost. */
    assert_string_equal(
        attestation_anew_send(line, customer, "evidence", evidence)->body,
        reply->body);
    /* The newest counts. */
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    nonce = attestation_anew_offer(line, customer, attestation);
    expect_status(attestation_anew_send(
                      line, customer, "evidence",
                      attestation_anew_evidence(customer, attestation, nonce)),
                  200);
    assert_string_equal(listed(customer, "proof"), "EK-verified");
    assert_string_equal(listed(customer, "origin"), "born");
}

static void
evidence_of_another_key_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_machine(service_fresh_vault(), attestation,
                                             false);
    struct connection *line = attestation_anew_line(customer, attestation);
    const char *nonce = attestation_anew_offer(line, customer, attestation);
    struct tpm_key *rightful = attestation->machine;

    (void)state;
    attestation->machine = tpm_create(maker_tpm(), TPM_MACHINE_KEY);
    expect_refused(attestation_anew_send(
                       line, customer, "evidence",
                       attestation_anew_evidence(customer, attestation, nonce)),
                   "evidence");
    attestation->machine = rightful;
    assert_string_equal(listed(customer, "proof"), "claimed");
    expect_status(attestation_anew_send(
                      line, customer, "evidence",
                      attestation_anew_evidence(customer, attestation, nonce)),
                  200);
}

/* Whatever was right when it enrolled is right for no other call. */
static void
evidence_of_an_enrolment_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct connection *line;
    json_t *evidence;

    (void)state;
    attestation_register(customer, attestation);
    evidence = attestation->evidence;
    line = attestation_anew_line(customer, attestation);
    expect_refused(attestation_anew_send(line, customer, "evidence", evidence),
                   "nonce");
    statement_set(evidence, "nonce",
                  attestation_anew_offer(line, customer, attestation));
    statement_set(evidence, "secret", attestation->secret);
    expect_refused(attestation_anew_send(line, customer, "evidence", evidence),
                   "evidence");
}

static void
nonce_of_another_machine_is_refused(void **state)
{
    struct vault vault = service_fresh_vault();
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *other = attestation_new(maker_other_tpm());
    struct customer *customer = make_machine(vault, attestation, false);
    struct customer *neighbour = make_machine(vault, other, false);
    const char *nonce = attestation_anew_offer(
        attestation_anew_line(customer, attestation), customer, attestation);

    (void)state;
    expect_refused(attestation_anew_send(
                       attestation_anew_line(neighbour, other), neighbour,
                       "evidence",
                       attestation_anew_evidence(customer, attestation, nonce)),
                   "evidence");
}

/* The clone shows when the second of them gives evidence. */
static void
tpm_of_another_machine_is_refused_with_both_names(void **state)
{
    struct vault vault = service_fresh_vault();
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *clone = attestation_new(maker_tpm());
    struct customer *customer = make_machine(vault, attestation, true);
    struct customer *second = make_machine(vault, clone, false);
    struct connection *line = attestation_anew_line(second, clone);
    const struct reply *reply;
    const char *sentence;

    (void)state;
    reply = attestation_anew_send(
        line, second, "evidence",
        attestation_anew_evidence(second, clone,
                                  attestation_anew_offer(line, second, clone)));
    expect_refused(reply, "duplicate");
    sentence = reply_text(reply, "error_description");
    assert_non_null(strstr(sentence, machine_uuid(customer->machine)));
    assert_non_null(strstr(sentence, machine_uuid(second->machine)));
    assert_string_equal(listed(second, "proof"), "claimed");
}

static void
policy_is_asked_again(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_machine(service_fresh_vault(), attestation,
                                             false);
    struct connection *line = attestation_anew_line(customer, attestation);

    (void)state;
    service_set_policy(customer->vault, "EK-verified");
    expect_refused(attestation_anew_send(line, customer, "attestation",
                                         attestation->offer),
                   "policy");
    /* It stays what it was, and its access with it. */
    expect_status(customer_self(line, customer), 200);
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    expect_status(attestation_anew_send(
                      line, customer, "evidence",
                      attestation_anew_evidence(
                          customer, attestation,
                          attestation_anew_offer(line, customer, attestation))),
                  200);
}

static void
only_a_registered_machine_is_asked(void **state)
{
    static const char *const words[] = {"attestation", "evidence"};
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_machine(service_fresh_vault(), attestation,
                                             true);
    struct connection *line = attestation_anew_line(customer, attestation);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct request request = customer_self_request(customer, "GET");

        request.url = kept_format("%s/%s", request.url, words[i]);
        expect_refused(connection_send(line, &request), "method");
        request.method = "POST";
        request.type = "text/plain";
        request.body = "{}";
        expect_refused(connection_send(line, &request), "type");
        request.type = "application/json";
        request.body = "{";
        expect_refused(connection_send(line, &request), "request");
        request.body = "{}";
        expect_refused(connection_send(customer->line, &request),
                       "unknown-certificate");
    }
    service_revoke_machine(machine_uuid(customer->machine));
    for (size_t i = 0; i < 2; i++)
        expect_refused(
            attestation_anew_send(line, customer, words[i], attestation->offer),
            "revoked");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(machine_gives_evidence_later),
        rule(evidence_of_another_key_is_refused),
        rule(evidence_of_an_enrolment_is_refused),
        rule(nonce_of_another_machine_is_refused),
        rule(tpm_of_another_machine_is_refused_with_both_names),
        rule(policy_is_asked_again),
        rule(only_a_registered_machine_is_asked),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
