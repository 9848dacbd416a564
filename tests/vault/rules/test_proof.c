/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment proof of M4, by which the credential key says that the machine
 * key is meant.  Whoever holds only the connection must not get a key of its
 * own enrolled. */
#include "tests/vault/rules/rules.h"

static struct customer *
make_customer(void)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    customer_reach_nonce(customer);
    return customer;
}

static struct statement
proof_of(const struct customer *customer)
{
    return statement_proof(customer->credential, customer->machine_key,
                           customer->nonce);
}

static const struct reply *
enrol_with(struct customer *customer, struct statement proof)
{
    struct request request = customer_enrol_request(customer,
                                                    statement_sign(proof));

    return connection_send(customer->line, &request);
}

/* Refused, and after it the right proof with the same nonce is taken: nothing
 * was used up. */
static void
refuse_proof(struct customer *customer, struct statement proof,
             const char *words)
{
    expect_refused(enrol_with(customer, proof), words);
    expect_status(customer_enrol(customer), 200);
}

static void
request_without_proof_is_refused(void **state)
{
    struct customer *customer = make_customer();
    struct request request = customer_enrol_request(customer, "");

    (void)state;
    expect_refused(connection_send(customer->line, &request), "proof");
    request.headers[1] = NULL;
    expect_refused(connection_send(customer->line, &request), "proof");
    expect_status(customer_enrol(customer), 200);
}

static void
proof_for_another_key_is_refused(void **state)
{
    struct customer *customer = make_customer();
    struct statement proof = proof_of(customer);

    (void)state;
    statement_set(proof.claims, "spki_sha256",
                  statement_key_hash(machine_new_key("P-256")));
    refuse_proof(customer, proof, "proof");
}

/* The theft the proof is there to stop: all is overheard, the key is not. */
static void
own_key_with_an_overheard_proof_is_refused(void **state)
{
    struct customer *customer = make_customer();
    struct request request = customer_enrol_request(customer,
                                                    customer_proof(customer));

    (void)state;
    request.body = machine_request(machine_new_key("P-256"), MACHINE_PLAIN);
    expect_refused(connection_send(customer->line, &request), "proof");
    expect_status(customer_enrol(customer), 200);
}

static void
proof_for_another_vault_is_refused(void **state)
{
    struct customer *customer = make_customer();
    struct statement proof = proof_of(customer);

    (void)state;
    statement_set(proof.claims, "vault", service_fresh_vault().id);
    refuse_proof(customer, proof, "proof");
}

static void
proof_for_another_nonce_is_refused(void **state)
{
    struct customer *customer = make_customer();
    struct customer *other = make_customer();
    struct statement proof = proof_of(customer);

    (void)state;
    statement_set(proof.claims, "nonce", other->nonce);
    refuse_proof(customer, proof, "proof|nonce");
    expect_status(customer_enrol(other), 200);
}

static void
proof_by_another_key_is_refused(void **state)
{
    struct customer *customer = make_customer();
    struct statement proof = proof_of(customer);

    (void)state;
    proof.key = customer->machine_key;
    refuse_proof(customer, proof, "proof");
}

static void
proof_without_signature_is_refused(void **state)
{
    static const char *const algorithms[] = {"none", "HS256"};
    struct customer *customer = make_customer();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct statement proof = proof_of(customer);

        statement_set(proof.header, "alg", algorithms[i]);
        expect_refused(enrol_with(customer, proof), "proof");
    }
    expect_status(customer_enrol(customer), 200);
}

/* An assertion has the same signer; it must not pass for a proof. */
static void
proof_of_another_type_or_purpose_is_refused(void **state)
{
    struct customer *customer = make_customer();
    struct statement proof = proof_of(customer);

    (void)state;
    statement_set(proof.header, "typ", "JWT");
    expect_refused(enrol_with(customer, proof), "proof");
    proof = proof_of(customer);
    statement_set(proof.claims, "purpose", "renew");
    expect_refused(enrol_with(customer, proof), "proof");
    expect_refused(
        enrol_with(customer, statement_assertion(customer->credential)),
        "proof");
    expect_status(customer_enrol(customer), 200);
}

static void
incomplete_proof_is_refused(void **state)
{
    static const char *const claims[] = {
        "purpose", "vault", "spki_sha256", "nonce", "iat", "exp", "key_store"};
    struct customer *customer = make_customer();

    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        struct statement proof = proof_of(customer);

        statement_set(proof.claims, claims[i], NULL);
        print_message("  without %s\n", claims[i]);
        expect_refused(enrol_with(customer, proof), "proof");
    }
    expect_status(customer_enrol(customer), 200);
}

static void
key_store_that_the_page_does_not_know_is_refused(void **state)
{
    struct customer *customer = make_customer();
    json_t *wrong[] = {
        kept_json(json_pack("{s:s, s:s, s:b}", "kind", "cloud", "origin",
                            "born", "emulated", 0)),
        kept_json(json_pack("{s:s, s:s, s:b}", "kind", "tpm2", "origin",
                            "found", "emulated", 0)),
        kept_json(json_pack("{s:s, s:s, s:s}", "kind", "tpm2", "origin", "born",
                            "emulated", "no")),
        kept_json(json_string("tpm2")),
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct statement proof = proof_of(customer);

        (void)json_object_set(proof.claims, "key_store", wrong[i]);
        expect_refused(enrol_with(customer, proof), "proof|request");
    }
    expect_status(customer_enrol(customer), 200);
}

static void
proof_outside_its_time_is_refused_with_both_times(void **state)
{
    struct customer *customer = make_customer();
    struct statement proof = proof_of(customer);
    long then = service_now() - 3600;

    (void)state;
    statement_set_number(proof.claims, "iat", then - 300);
    statement_set_number(proof.claims, "exp", then);
    expect_clock(enrol_with(customer, proof), then);
    then = service_now() + 3600;
    statement_set_number(proof.claims, "iat", then);
    statement_set_number(proof.claims, "exp", then + 300);
    expect_clock(enrol_with(customer, proof), then);
    expect_status(customer_enrol(customer), 200);
}

static void
proof_that_lives_too_long_is_refused(void **state)
{
    struct customer *customer = make_customer();
    struct statement proof = proof_of(customer);

    (void)state;
    statement_set_number(proof.claims, "exp", service_now() + 3600);
    refuse_proof(customer, proof, "proof|clock");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(request_without_proof_is_refused),
        rule(proof_for_another_key_is_refused),
        rule(own_key_with_an_overheard_proof_is_refused),
        rule(proof_for_another_vault_is_refused),
        rule(proof_for_another_nonce_is_refused),
        rule(proof_by_another_key_is_refused),
        rule(proof_without_signature_is_refused),
        rule(proof_of_another_type_or_purpose_is_refused),
        rule(incomplete_proof_is_refused),
        rule(key_store_that_the_page_does_not_know_is_refused),
        rule(proof_outside_its_time_is_refused_with_both_times),
        rule(proof_that_lives_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
