/* SPDX-License-Identifier: Apache-2.0 */
/* Rule 4: certificate of the connection, assertion and token name one and the
 * same identity, and the service believes nothing else. */
#include "tests/vault/rules/rules.h"

/* Where the page leaves open which fault of a strange certificate is named. */
#define STRANGER "unknown-certificate|certificate-mismatch"

static void
certificate_never_downloaded_is_unknown(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct credential *forged = credential_forge(customer->credential);

    (void)state;
    customer->credential = forged;
    customer->line = connection_new(forged->certificate, forged->key);
    expect_refused(customer_token(customer), "unknown-certificate");
}

static void
token_under_a_certificate_never_downloaded_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct credential *forged = credential_forge(customer->credential);

    (void)state;
    customer_reach_nonce(customer);
    customer->line = connection_new(forged->certificate, forged->key);
    expect_refused(customer_nonce(customer), STRANGER);
    expect_refused(customer_enrol(customer), STRANGER);
}

static void
assertion_under_another_certificate_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct customer *other = customer_new(service_fresh_vault(), "several");

    (void)state;
    customer->line = other->line;
    expect_refused(customer_token(customer), "certificate-mismatch");
}

static void
assertion_without_a_certificate_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    (void)state;
    customer->line = connection_new(NULL, NULL);
    expect_refused(customer_token(customer), STRANGER);
}

static void
assertion_with_anothers_thumbprint_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct customer *other = customer_new(service_fresh_vault(), "several");
    struct statement assertion = statement_assertion(customer->credential);

    (void)state;
    statement_set(assertion.header, "x5t#S256",
                  credential_thumbprint(other->credential, EVP_sha256()));
    expect_refused(customer_assert(customer, statement_sign(assertion)),
                   "certificate-mismatch");
}

static void
assertion_without_thumbprint_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct statement assertion = statement_assertion(customer->credential);

    (void)state;
    statement_set(assertion.header, "x5t#S256", NULL);
    expect_refused(customer_assert(customer, statement_sign(assertion)),
                   "certificate-mismatch|assertion");
}

static void
assertion_may_be_used_again_under_its_own_certificate_only(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct customer *other = customer_new(service_fresh_vault(), "several");
    const char *assertion = statement_sign(
        statement_assertion(customer->credential));

    (void)state;
    expect_status(customer_assert(customer, assertion), 200);
    customer->line = connection_new(customer->credential->certificate,
                                    customer->credential->key);
    expect_status(customer_assert(customer, assertion), 200);
    customer->line = other->line;
    expect_refused(customer_assert(customer, assertion),
                   "certificate-mismatch");
}

/* What one customer has called an assertion, no other calls one. */
static void
name_of_an_assertion_is_good_for_one_certificate(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct customer *other = customer_new(service_fresh_vault(), "several");
    struct statement first = statement_assertion(customer->credential);
    struct statement second = statement_assertion(other->credential);

    (void)state;
    statement_set(second.claims, "jti",
                  json_string_value(json_object_get(first.claims, "jti")));
    expect_status(customer_assert(customer, statement_sign(first)), 200);
    expect_refused(customer_assert(other, statement_sign(second)),
                   "certificate-mismatch|assertion");
}

static void
token_under_another_certificate_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct customer *other = customer_new(service_fresh_vault(), "several");

    (void)state;
    customer_reach_nonce(customer);
    customer->line = other->line;
    expect_refused(customer_nonce(customer), "certificate-mismatch");
    expect_refused(customer_enrol(customer), "certificate-mismatch");
}

static void
token_without_a_certificate_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    (void)state;
    customer_reach_nonce(customer);
    customer->line = connection_new(NULL, NULL);
    expect_refused(customer_nonce(customer), STRANGER);
    expect_refused(customer_enrol(customer), STRANGER);
}

static void
machine_certificate_does_not_stand_for_the_credential(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    (void)state;
    customer_register(customer);
    customer_reach_nonce(customer);
    customer->line = customer_machine_line(customer);
    expect_refused(customer_nonce(customer), STRANGER);
    expect_refused(customer_enrol(customer), STRANGER);
    expect_refused(customer_token(customer), STRANGER);
}

static void
credential_does_not_stand_for_a_machine(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    (void)state;
    customer_register(customer);
    expect_refused(customer_self(customer->line, customer), STRANGER);
    expect_refused(customer_leave(customer->line, customer), STRANGER);
    expect_refused(customer_self(connection_new(NULL, NULL), customer),
                   STRANGER);
    expect_status(customer_self(customer_machine_line(customer), customer),
                  200);
}

/* As other people's clients send it: without mutual TLS and without claims of
 * this vault's own. */
static struct statement
plain_assertion(const struct customer *customer)
{
    struct statement assertion = statement_assertion(customer->credential);

    statement_set(assertion.claims, "resource", NULL);
    statement_set(assertion.claims, "vault", NULL);
    return assertion;
}

static const struct reply *
assert_plainly(const struct customer *customer, struct statement assertion)
{
    struct request request = customer_token_request(
        customer->credential,
        customer_form(customer->credential, statement_sign(assertion)));

    return connection_send(connection_new(NULL, NULL), &request);
}

static void
plain_assertion_follows_the_same_rules(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct customer *other = customer_new(service_fresh_vault(), "several");
    struct statement assertion = plain_assertion(customer);

    (void)state;
    assertion.key = other->credential->key;
    expect_refused(assert_plainly(customer, assertion), "assertion");
    assertion = plain_assertion(customer);
    statement_set(assertion.header, "x5t#S256", "never seen");
    expect_refused(assert_plainly(customer, assertion), "unknown-certificate");
    assertion = plain_assertion(customer);
    statement_set(assertion.claims, "aud", service_url());
    expect_refused(assert_plainly(customer, assertion), "assertion");
    assertion = plain_assertion(customer);
    (void)service_download(customer->vault, "one", "p256");
    expect_refused(assert_plainly(customer, assertion), "superseded");
}

static void
plain_assertion_gets_a_token_that_registers_nothing(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    const struct reply *reply = assert_plainly(customer,
                                               plain_assertion(customer));

    (void)state;
    expect_status(reply, 200);
    customer->token = reply_text(reply, "access_token");
    expect_refused(customer_nonce(customer), "token");
    customer_reach_nonce(customer);
    customer->token = reply_text(reply, "access_token");
    expect_refused(customer_enrol(customer), "token");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(certificate_never_downloaded_is_unknown),
        rule(token_under_a_certificate_never_downloaded_is_refused),
        rule(assertion_under_another_certificate_is_refused),
        rule(assertion_without_a_certificate_is_refused),
        rule(assertion_with_anothers_thumbprint_is_refused),
        rule(assertion_without_thumbprint_is_refused),
        rule(assertion_may_be_used_again_under_its_own_certificate_only),
        rule(name_of_an_assertion_is_good_for_one_certificate),
        rule(token_under_another_certificate_is_refused),
        rule(token_without_a_certificate_is_refused),
        rule(plain_assertion_follows_the_same_rules),
        rule(plain_assertion_gets_a_token_that_registers_nothing),
        rule(machine_certificate_does_not_stand_for_the_credential),
        rule(credential_does_not_stand_for_a_machine),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
