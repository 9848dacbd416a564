/* SPDX-License-Identifier: Apache-2.0 */
/* The client assertion of M2: what it must say, who must have signed it and
 * how, when it holds; and the form it comes in. */
#include "tests/vault/rules/rules.h"

static struct customer *
make_customer(struct statement *ret_assertion)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    *ret_assertion = statement_assertion(customer->credential);
    return customer;
}

/* A good assertion but for one claim. */
static void
refuse_claim(struct customer *customer, const char *name, const char *text)
{
    struct statement assertion = statement_assertion(customer->credential);

    statement_set(assertion.claims, name, text);
    print_message("  %s = %s\n", name, text == NULL ? "(absent)" : text);
    expect_refused(customer_assert(customer, statement_sign(assertion)),
                   "assertion");
}

static void
wrong_audience_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    (void)state;
    refuse_claim(customer, "aud", "https://login.example/oauth2/v2.0/token");
    refuse_claim(customer, "aud", customer->credential->audience);
    refuse_claim(customer, "aud", NULL);
}

static void
issuer_that_is_not_the_subject_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    const char *other = "0a0b0c0d-1111-4222-8333-444455556666";

    (void)state;
    refuse_claim(customer, "iss", other);
    refuse_claim(customer, "sub", other);
    refuse_claim(customer, "iss", NULL);
    refuse_claim(customer, "sub", NULL);
}

static void
another_resource_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    (void)state;
    refuse_claim(customer, "resource", "https://RecoveryServiceVault/x/y/1");
    refuse_claim(customer, "resource", NULL);
}

static void
another_vault_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    (void)state;
    refuse_claim(customer, "vault", service_fresh_vault().id);
    refuse_claim(customer, "vault", NULL);
}

static void
name_that_is_no_name_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    (void)state;
    refuse_claim(customer, "jti", NULL);
    refuse_claim(customer, "machine_key", "not a hash");
}

static void
other_type_is_refused(void **state)
{
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);

    (void)state;
    statement_set(assertion.header, "typ", "enrolment-proof+jwt");
    expect_refused(customer_assert(customer, statement_sign(assertion)),
                   "assertion");
}

static void
lifetime_over_600_seconds_is_refused(void **state)
{
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);
    long now = service_now();

    (void)state;
    statement_set_number(assertion.claims, "nbf", now - 300);
    statement_set_number(assertion.claims, "exp", now + 301);
    expect_refused(customer_assert(customer, statement_sign(assertion)),
                   "assertion|clock");
}

static void
lifetime_of_600_seconds_is_taken(void **state)
{
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);
    long now = service_now();

    (void)state;
    statement_set_number(assertion.claims, "nbf", now - 300);
    statement_set_number(assertion.claims, "exp", now + 300);
    expect_status(customer_assert(customer, statement_sign(assertion)), 200);
}

static void
assertion_of_the_past_is_refused_with_both_times(void **state)
{
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);
    long then = service_now() - 3600;

    (void)state;
    statement_set_number(assertion.claims, "iat", then - 300);
    statement_set_number(assertion.claims, "nbf", then - 300);
    statement_set_number(assertion.claims, "exp", then);
    expect_clock(customer_assert(customer, statement_sign(assertion)), then);
}

static void
assertion_of_the_future_is_refused_with_both_times(void **state)
{
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);
    long then = service_now() + 3600;

    (void)state;
    statement_set_number(assertion.claims, "iat", then);
    statement_set_number(assertion.claims, "nbf", then);
    statement_set_number(assertion.claims, "exp", then + 300);
    expect_clock(customer_assert(customer, statement_sign(assertion)), then);
}

static void
same_assertion_ends_with_its_time(void **state)
{
    struct statement statement;
    struct customer *customer = make_customer(&statement);
    const char *assertion = statement_sign(statement);

    (void)state;
    expect_status(customer_assert(customer, assertion), 200);
    service_set_clock(600);
    expect_refused(customer_assert(customer, assertion), "clock");
}

static void
times_as_strings_are_refused(void **state)
{
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);

    (void)state;
    statement_set(assertion.claims, "exp",
                  kept_format("%ld", service_now() + 300));
    expect_refused(customer_assert(customer, statement_sign(assertion)),
                   "assertion|clock");
}

/* HS256 with the public key, known to all, as its secret. */
static void
assertion_without_signature_is_refused(void **state)
{
    static const char *const algorithms[] = {"none", "HS256"};
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        statement_set(assertion.header, "alg", algorithms[i]);
        expect_refused(customer_assert(customer, statement_sign(assertion)),
                       "assertion");
    }
}

static void
signature_of_another_key_is_refused(void **state)
{
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);

    (void)state;
    assertion.key = machine_new_key("P-256");
    expect_refused(customer_assert(customer, statement_sign(assertion)),
                   "assertion");
}

static void
altered_claims_under_an_rsa_signature_are_refused(void **state)
{
    struct customer *customer = customer_new_with(service_fresh_vault(),
                                                  "several", "rsa2048");
    struct statement assertion = statement_assertion(customer->credential);
    const char *compact;

    (void)state;
    statement_set(assertion.header, "alg", "RS256");
    statement_set(assertion.header, "x5t#S256", NULL);
    statement_set(assertion.header, "x5t",
                  credential_thumbprint(customer->credential, EVP_sha1()));
    compact = statement_sign(assertion);
    statement_set_number(assertion.claims, "exp", service_now() + 301);
    expect_refused(customer_assert(customer, statement_swap_claims(
                                                 compact, assertion.claims)),
                   "assertion");
    expect_status(customer_assert(customer, compact), 200);
}

static void
algorithm_that_the_signature_does_not_have_is_refused(void **state)
{
    struct customer *customer = customer_new_with(service_fresh_vault(),
                                                  "several", "rsa2048");
    struct statement assertion = statement_assertion(customer->credential);

    (void)state;
    assertion.sign_as = "RS256";
    expect_refused(customer_assert(customer, statement_sign(assertion)),
                   "assertion");
    assertion.sign_as = NULL;
    expect_status(customer_assert(customer, statement_sign(assertion)), 200);
}

static void
every_key_type_gets_its_token(void **state)
{
    static const char *const keys[] = {"rsa2048", "p256", "p384"};

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        customer_register(
            customer_new_with(service_fresh_vault(), "one", keys[i]));
}

static void
missing_form_field_is_a_bad_request(void **state)
{
    static const char *const fields[] = {"grant_type", "client_id", "scope",
                                         "client_assertion_type",
                                         "client_assertion"};
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);

    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        json_t *form = customer_form(customer->credential,
                                     statement_sign(assertion));
        struct request request;

        statement_set(form, fields[i], NULL);
        request = customer_token_request(customer->credential, form);
        print_message("  without %s\n", fields[i]);
        expect_refused(connection_send(customer->line, &request), "request");
    }
}

static void
wrong_form_field_is_refused(void **state)
{
    static const struct {
        const char *name, *value, *words;
    } wrong[] = {
        {"grant_type", "password", "request"},
        {"client_assertion_type", "urn:example:other", "request"},
        {"scope", "https://vault.example/.default", "request|assertion"},
        {"client_id", "0a0b0c0d-1111-4222-8333-444455556666",
         "request|assertion"},
        {"client_assertion", "not.a.jws", "request|assertion"},
        {"client_assertion", "x", "request|assertion"},
        {"client_assertion", "..", "request|assertion"},
    };
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json_t *form = customer_form(customer->credential,
                                     statement_sign(assertion));
        struct request request;

        statement_set(form, wrong[i].name, wrong[i].value);
        request = customer_token_request(customer->credential, form);
        print_message("  %s = %s\n", wrong[i].name, wrong[i].value);
        expect_refused(connection_send(customer->line, &request),
                       wrong[i].words);
    }
}

static void
unknown_form_fields_are_ignored(void **state)
{
    struct statement assertion;
    struct customer *customer = make_customer(&assertion);
    json_t *form = customer_form(customer->credential,
                                 statement_sign(assertion));
    struct request request;

    (void)state;
    statement_set(form, "x-client-SKU", "msal.js.node");
    statement_set(form, "x-ms-lib-capability", "retry-after, h429");
    request = customer_token_request(customer->credential, form);
    expect_status(connection_send(customer->line, &request), 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(wrong_audience_is_refused),
        rule(issuer_that_is_not_the_subject_is_refused),
        rule(another_resource_is_refused),
        rule(another_vault_is_refused),
        rule(name_that_is_no_name_is_refused),
        rule(other_type_is_refused),
        rule(lifetime_over_600_seconds_is_refused),
        rule(lifetime_of_600_seconds_is_taken),
        rule(assertion_of_the_past_is_refused_with_both_times),
        rule(assertion_of_the_future_is_refused_with_both_times),
        rule(same_assertion_ends_with_its_time),
        rule(times_as_strings_are_refused),
        rule(assertion_without_signature_is_refused),
        rule(signature_of_another_key_is_refused),
        rule(altered_claims_under_an_rsa_signature_are_refused),
        rule(algorithm_that_the_signature_does_not_have_is_refused),
        rule(every_key_type_gets_its_token),
        rule(missing_form_field_is_a_bad_request),
        rule(wrong_form_field_is_refused),
        rule(unknown_form_fields_are_ignored),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
