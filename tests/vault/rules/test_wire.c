/* SPDX-License-Identifier: Apache-2.0 */
/* What goes for every step: TLS 1.3 and nothing below, no tickets, errors in
 * JSON whoever finds them; discovery; and the vault's own record of it all. */
#include "tests/vault/rules/rules.h"

#include <stdlib.h>
#include <string.h>

static const struct reply *
discover(struct connection *line, const char *authority, const char *tenant)
{
    struct request request = {
        .step = "M1",
        .method = "GET",
        .url = kept_format("%s/%s/v2.0/.well-known/openid-configuration",
                           authority, tenant)};

    return connection_send(line, &request);
}

static bool
lists(json_t *array, const char *text)
{
    size_t i;
    json_t *value;

    json_array_foreach(array, i, value) if (json_is_string(value) &&
                                            strcmp(json_string_value(value),
                                                   text) == 0) return true;
    return false;
}

static void
tls_1_2_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct credential *credential = customer->credential;
    struct connection *line = connection_new(NULL, NULL);
    const struct reply *reply;

    (void)state;
    connection_use_tls12(line);
    reply = discover(line, credential->authority, credential->tenant);
    assert_true(reply->failed_tls);
    assert_int_equal(reply->status, 0);
    connection_use_tls12(customer->line);
    reply = customer_token(customer);
    assert_true(reply->failed_tls);
    assert_int_equal(reply->status, 0);
}

/* A ticket would be the client's identity without its key. */
static void
no_session_ticket_is_sent(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    customer_register(customer);
    assert_int_equal(connection_tickets(customer->line), 0);
}

static void
path_that_the_page_does_not_have_is_absent(void **state)
{
    static const char *const paths[] = {"", "enrolments/7", "machines",
                                        "machines/other", "../portal"};
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    customer_reach_token(customer);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct request request = customer_nonce_request(customer);

        request.url = kept_format("%s%s", customer->credential->endpoint,
                                  paths[i]);
        print_message("  %s\n", request.url);
        expect_refused(connection_send(customer->line, &request), "absent");
    }
}

static void
method_that_the_page_does_not_have_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct request requests[3];

    (void)state;
    customer_reach_nonce(customer);
    requests[0] = customer_nonce_request(customer);
    requests[1] = customer_enrol_request(customer, customer_proof(customer));
    requests[2] = customer_token_request(
        customer->credential,
        customer_form(customer->credential, statement_sign(statement_assertion(
                                                customer->credential))));
    for (size_t i = 0; i < 3; i++) {
        requests[i].method = "PUT";
        expect_refused(connection_send(customer->line, &requests[i]), "method");
    }
}

static void
discovery_agrees_with_the_file(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct credential *credential = customer->credential;
    const struct reply *reply = discover(
        connection_new(NULL, NULL), credential->authority, credential->tenant);
    json_t *algorithms = json_object_get(
        reply->json, "token_endpoint_auth_signing_alg_values_supported");
    json_t *methods = json_object_get(reply->json,
                                      "token_endpoint_auth_methods_supported");

    (void)state;
    expect_status(reply, 200);
    assert_string_equal(
        reply_text(reply, "issuer"),
        kept_format("%s/%s/v2.0", credential->authority, credential->tenant));
    assert_string_equal(reply_text(reply, "token_endpoint"),
                        customer_token_endpoint(credential));
    assert_true(lists(methods, "private_key_jwt"));
    assert_true(lists(algorithms, "PS256"));
    assert_true(lists(algorithms, "RS256"));
    assert_true(lists(algorithms, "ES256"));
    assert_true(json_is_true(json_object_get(
        reply->json, "tls_client_certificate_bound_access_tokens")));
}

static void
discovery_of_another_tenant_is_refused(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    expect_refused(discover(connection_new(NULL, NULL),
                            customer->credential->authority,
                            "0a0b0c0d-1111-4222-8333-444455556666"),
                   "absent");
}

static const char *
hash_hex(const uint8_t *data, size_t length)
{
    uint8_t hash[32];

    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, data, length, hash, NULL), 1);
    return machine_hex(hash, sizeof hash);
}

static const char *
signature_hash(const char *compact)
{
    size_t length = 0;
    const uint8_t *signature = statement_signature(compact, &length);

    return hash_hex(signature, length);
}

static const char *
key_hash(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    const char *hash;

    assert_true(length > 0);
    hash = hash_hex(der, (size_t)length);
    OPENSSL_free(der);
    return hash;
}

/* The record of one step of this vault; the last one when there are more. */
static json_t *
find_record(json_t *records, const char *vault, const char *step)
{
    json_t *found = NULL;
    json_t *record;
    size_t i;

    json_array_foreach(
        records, i,
        record) if (strcmp(json_string_value(json_object_get(record, "step")),
                           step) == 0 &&
                    strcmp(json_string_value(json_object_get(record, "vault")),
                           vault) == 0) found = record;
    assert_non_null(found);
    return found;
}

static void
assert_says(json_t *record, const char *name, const char *text)
{
    const char *said = json_string_value(json_object_get(record, name));

    assert_non_null(said);
    assert_string_equal(said, text);
}

/* Register with statements that are known here; their signatures. */
static void
register_watched(struct customer *customer, const char **ret_assertion,
                 const char **ret_proof)
{
    struct request request;
    const struct reply *reply;

    *ret_assertion = statement_sign(statement_assertion(customer->credential));
    expect_status(customer_assert(customer, *ret_assertion), 200);
    expect_status(customer_nonce(customer), 201);
    *ret_proof = customer_proof(customer);
    request = customer_enrol_request(customer, *ret_proof);
    reply = connection_send(customer->line, &request);
    expect_status(reply, 200);
    customer->machine = machine_certificate(reply->body);
    expect_status(customer_self(customer_machine_line(customer), customer),
                  200);
}

static void
vault_records_who_signed_what(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    const char *id = customer->vault.id;
    const char *credential = credential_thumbprint_hex(customer->credential);
    const char *assertion, *proof;
    json_t *records, *record;
    json_int_t lines[2];

    (void)state;
    register_watched(customer, &assertion, &proof);
    records = service_records();
    record = find_record(records, id, "M2");
    assert_says(record, "certificate", credential);
    assert_says(record, "assertion_signature", signature_hash(assertion));
    assert_says(record, "word", "");
    lines[0] = json_integer_value(json_object_get(record, "connection"));
    record = find_record(records, id, "M4");
    assert_says(record, "certificate", credential);
    assert_says(record, "proof_signature", signature_hash(proof));
    assert_says(record, "machine_key", key_hash(customer->machine_key));
    assert_says(record, "machine", machine_uuid(customer->machine));
    assert_int_equal(json_integer_value(json_object_get(record, "connection")),
                     lines[0]);
    record = find_record(records, id, "M5");
    assert_says(record, "certificate",
                machine_thumbprint_hex(customer->machine));
    assert_says(record, "machine", machine_uuid(customer->machine));
    lines[1] = json_integer_value(json_object_get(record, "connection"));
    assert_int_not_equal(lines[1], lines[0]);
}

static void
vault_records_refusals_with_their_word(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    json_t *record;

    (void)state;
    customer_reach_token(customer);
    (void)service_download(customer->vault, "one", "p256");
    expect_refused(customer_nonce(customer), "superseded");
    record = find_record(service_records(), customer->vault.id, "M3");
    assert_says(record, "word", "superseded");
    assert_int_equal(json_integer_value(json_object_get(record, "status")),
                     401);
}

static void
every_connection_in_the_log_is_tls_1_3_and_fresh(void **state)
{
    json_t *log, *line;
    size_t i;

    (void)state;
    customer_register(customer_new(service_fresh_vault(), "one"));
    log = service_access_log();
    assert_true(json_array_size(log) > 0);
    json_array_foreach(log, i, line)
    {
        assert_says(line, "ssl_protocol", "TLSv1.3");
        assert_says(line, "ssl_session_reused", ".");
    }
}

/* By those who offer it, as libcurl does by itself. */
static void
http_2_is_spoken(void **state)
{
    json_t *log, *line;
    size_t i, found = 0;

    (void)state;
    customer_register(customer_new(service_fresh_vault(), "one"));
    log = service_access_log();
    json_array_foreach(log, i, line)
    {
        const char *version = json_string_value(
            json_object_get(line, "http_version"));

        found += version != NULL && strcmp(version, "HTTP/2.0") == 0;
    }
    assert_in_range(found, 3, json_array_size(log)); /* M2 to M4 */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(tls_1_2_is_refused),
        rule(no_session_ticket_is_sent),
        rule(path_that_the_page_does_not_have_is_absent),
        rule(method_that_the_page_does_not_have_is_refused),
        rule(discovery_of_another_tenant_is_refused),
        rule(discovery_agrees_with_the_file),
        rule(vault_records_refusals_with_their_word),
        rule(vault_records_who_signed_what),
        rule(every_connection_in_the_log_is_tls_1_3_and_fresh),
        rule(http_2_is_spoken),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
