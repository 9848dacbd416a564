/* SPDX-License-Identifier: Apache-2.0 */
/* The access token: what it says, and that M3 and M4 take no other than the
 * one the vault gave to this credential, unaltered and in its time. */
#include "tests/vault/rules/rules.h"

#include <string.h>

#include <openssl/pem.h>

#define HEADER "Authorization: Bearer "

/* M3 and M4 with this authorization line, NULL for none. */
static void
refuse_everywhere(const struct customer *customer, const char *line,
                  const char *words)
{
    struct request nonce = customer_nonce_request(customer);
    struct request enrol = customer_enrol_request(customer,
                                                  customer_proof(customer));

    nonce.headers[0] = enrol.headers[0] = line;
    print_message("  %.60s\n", line == NULL ? "(none)" : line);
    expect_refused(connection_send(customer->line, &nonce), words);
    expect_refused(connection_send(customer->line, &enrol), words);
}

static void
token_says_what_the_page_says(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    const struct reply *reply = customer_token(customer);
    json_t *claims, *confirmation;

    (void)state;
    expect_status(reply, 200);
    assert_string_equal(reply_text(reply, "token_type"), "Bearer");
    assert_in_range(
        json_integer_value(json_object_get(reply->json, "expires_in")), 1, 600);
    assert_in_range(
        json_integer_value(json_object_get(reply->json, "ext_expires_in")), 1,
        600);
    assert_non_null(reply_header(reply, "Cache-Control"));
    assert_non_null(strstr(reply_header(reply, "Cache-Control"), "no-store"));
    claims = statement_claims(customer->token);
    confirmation = json_object_get(claims, "cnf");
    assert_string_equal(
        json_string_value(json_object_get(confirmation, "x5t#S256")),
        credential_thumbprint(customer->credential, EVP_sha256()));
    assert_string_equal(json_string_value(json_object_get(claims, "vault")),
                        customer->credential->vault);
    assert_true(json_is_string(json_object_get(claims, "aud")));
    assert_true(json_is_integer(json_object_get(claims, "generation")));
}

static void
generation_grows_with_each_download(void **state)
{
    struct vault vault = service_fresh_vault();
    json_int_t generations[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct customer *customer = customer_new(vault, "one");

        customer_reach_token(customer);
        generations[i] = json_integer_value(
            json_object_get(statement_claims(customer->token), "generation"));
    }
    assert_true(generations[1] > generations[0]);
}

static void
token_carries_the_machine_key_of_the_assertion(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    expect_status(customer_token_again(customer), 200);
    assert_string_equal(json_string_value(json_object_get(
                            statement_claims(customer->token), "machine_key")),
                        statement_key_hash(customer->machine_key));
}

static void
missing_token_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    customer_reach_nonce(customer);
    refuse_everywhere(customer, NULL, "token");
    refuse_everywhere(customer, "Authorization: Bearer", "token");
    refuse_everywhere(customer,
                      kept_format("Authorization: Basic %s", customer->token),
                      "token");
}

/* One character of header, claims or signature. */
static void
altered_token_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    const char *token;
    size_t dots[4];

    (void)state;
    customer_reach_nonce(customer);
    token = customer->token;
    dots[0] = 0;
    dots[1] = strcspn(token, ".") + 1;
    dots[2] = (size_t)(strrchr(token, '.') - token) + 1;
    dots[3] = strlen(token);
    for (size_t i = 0; i < 3; i++) {
        char *altered = kept_format(HEADER "%s", token);
        size_t at = strlen(HEADER) + (dots[i] + dots[i + 1]) / 2;

        altered[at] = altered[at] == 'A' ? 'B' : 'A';
        refuse_everywhere(customer, altered, "token");
    }
    refuse_everywhere(customer, kept_format(HEADER "%.*s", (int)dots[2], token),
                      "token");
}

/* The customer's token once more, to be changed and signed with KEY. */
static struct statement
make_token(const struct customer *customer, EVP_PKEY *key)
{
    struct statement made = {.header = kept_json(json_object()),
                             .claims = statement_claims(customer->token),
                             .key = key};

    statement_set(made.header, "typ", "at+jwt");
    statement_set(made.header, "alg", "ES256");
    return made;
}

/* The key that the vault signs its tokens with. */
static EVP_PKEY *
vaults_own_key(void)
{
    char *text = service_read_file(
        kept_format("%s/token.key", service_directory()), NULL);
    BIO *bio = BIO_new_mem_buf(text, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

    assert_non_null(key);
    BIO_free(bio);
    return kept_key(key);
}

/* Signed as only the vault can: each claim counts by itself. */
static void
token_for_something_else_is_refused(void **state)
{
    static const char *const names[] = {"iss", "aud", "vault"};
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    EVP_PKEY *key = vaults_own_key();
    struct statement made;
    long generation;

    (void)state;
    customer_reach_nonce(customer);
    made = make_token(customer, key);
    generation = (long)json_integer_value(
        json_object_get(made.claims, "generation"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        made = make_token(customer, key);
        statement_set(made.claims, names[i], "1");
        refuse_everywhere(
            customer, kept_format(HEADER "%s", statement_sign(made)), "token");
    }
    for (long other = generation - 1; other <= generation + 1; other += 2) {
        made = make_token(customer, key);
        statement_set_number(made.claims, "generation", other);
        refuse_everywhere(
            customer, kept_format(HEADER "%s", statement_sign(made)), "token");
    }
    customer->token = statement_sign(make_token(customer, key));
    expect_status(customer_nonce(customer), 201);
    expect_status(customer_enrol(customer), 200);
}

/* Claims of the customer's own choosing, signed by the customer. */
static void
self_made_token_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct statement made;
    static const char *const algorithms[] = {"ES256", "HS256", "none"};

    (void)state;
    customer_reach_nonce(customer);
    made = make_token(customer, customer->credential->key);
    for (size_t i = 0; i < 3; i++) {
        statement_set(made.header, "alg", algorithms[i]);
        refuse_everywhere(
            customer, kept_format(HEADER "%s", statement_sign(made)), "token");
    }
}

static void
assertion_is_no_token(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    const char *assertion = statement_sign(
        statement_assertion(customer->credential));

    (void)state;
    customer_reach_nonce(customer);
    refuse_everywhere(customer, kept_format(HEADER "%s", assertion), "token");
}

static void
expired_token_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    customer_reach_nonce(customer);
    service_set_clock(660);
    refuse_everywhere(customer, kept_format(HEADER "%s", customer->token),
                      "token");
}

static void
token_of_another_vault_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct customer *other = customer_new(service_fresh_vault(), "one");

    (void)state;
    customer_reach_nonce(customer);
    customer_reach_token(other);
    refuse_everywhere(customer, kept_format(HEADER "%s", other->token),
                      "token|certificate-mismatch");
}

/* Everything is right but the vault in the path. */
static void
token_enrols_in_no_other_vault(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct customer *other = customer_new(service_fresh_vault(), "one");
    struct request request;

    (void)state;
    customer_reach_nonce(customer);
    request = customer_enrol_request(customer, customer_proof(customer));
    request.url = kept_format("%s/.well-known/est/%s/simpleenroll",
                              customer->credential->origin, other->vault.id);
    expect_refused(connection_send(customer->line, &request), "token");
    expect_status(customer_enrol(customer), 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(missing_token_is_refused),
        rule(altered_token_is_refused),
        rule(self_made_token_is_refused),
        rule(assertion_is_no_token),
        rule(expired_token_is_refused),
        rule(token_of_another_vault_is_refused),
        rule(token_enrols_in_no_other_vault),
        rule(token_for_something_else_is_refused),
        rule(token_says_what_the_page_says),
        rule(generation_grows_with_each_download),
        rule(token_carries_the_machine_key_of_the_assertion),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
