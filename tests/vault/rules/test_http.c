/* SPDX-License-Identifier: Apache-2.0 */
/* What HTTP (RFC 9110) and EST (RFC 7030, 9908) want of every server: HEAD,
 * methods, statuses, what an enrolment should ask for. */
#include "tests/vault/rules/data.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

/* METHOD on a path of the service, as HEADER has it (NULL: without one). */
static const struct reply *
ask(struct connection *line, const char *method, const char *path,
    const char *header)
{
    struct request request = {.step = "",
                              .method = method,
                              .url = kept_format("%s%s", service_url(), path),
                              .headers = {header}};

    return connection_send(line, &request);
}

static const char *
est_path(const struct customer *customer, const char *operation)
{
    return kept_format("/.well-known/est/%s/%s", customer->vault.id, operation);
}

static void
expect_head_like_get(struct connection *line, const char *path)
{
    const struct reply *get = ask(line, "GET", path, NULL);
    const struct reply *head = ask(line, "HEAD", path, NULL);
    const char *length = reply_header(head, "Content-Length");

    print_message("  %s\n", path);
    expect_status(get, 200);
    expect_status(head, 200);
    assert_int_equal(head->length, 0);
    assert_string_equal(reply_header(head, "Content-Type"),
                        reply_header(get, "Content-Type"));
    assert_non_null(length);
    assert_string_equal(length, kept_format("%zu", get->length));
}

static void
head_is_answered_wherever_get_is(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    const struct credential *credential = customer->credential;

    (void)state;
    expect_status(data_put(line, "config", "a repository's"), 200);
    expect_head_like_get(line, "/login");
    expect_head_like_get(line, "/portal.css");
    expect_head_like_get(
        line, kept_format("/%s/v2.0/.well-known/openid-configuration",
                          credential->tenant));
    expect_head_like_get(line, est_path(customer, "cacerts"));
    expect_head_like_get(line, est_path(customer, "csrattrs"));
    expect_head_like_get(
        line, kept_format("%smachines/self",
                          credential->endpoint + strlen(credential->origin)));
    expect_head_like_get(line, "/config");
    expect_head_like_get(line, "/data/");
    expect_status(ask(line, "HEAD", "/nowhere", NULL), 404);
}

static void
expect_allowed(struct connection *line, const char *method, const char *path,
               const char *allowed)
{
    const struct reply *reply = ask(line, method, path, NULL);

    print_message("  %s %s\n", method, path);
    expect_refused(reply, "method");
    assert_non_null(reply_header(reply, "Allow"));
    assert_string_equal(reply_header(reply, "Allow"), allowed);
}

/* By the service, and by nginx before it. */
static void
method_that_a_path_has_not_is_told_those_it_has(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct connection *line = connection_new(NULL, NULL);

    (void)state;
    expect_allowed(line, "PUT", "/login", "GET, HEAD, POST");
    expect_allowed(line, "FOO", "/login", "GET, HEAD, POST");
    expect_allowed(line, "OPTIONS", "/config", "GET, HEAD, POST, DELETE");
    expect_allowed(line, "DELETE", "/data/", "GET, HEAD");
    expect_allowed(line, "GET", est_path(customer, "simpleenroll"), "POST");
    expect_allowed(line, "POST", est_path(customer, "csrattrs"), "GET, HEAD");
    expect_allowed(line, "TRACE", "/login", "GET, HEAD, POST, DELETE");
}

static void
operation_that_est_has_and_this_vault_has_not_is_absent(void **state)
{
    static const char *const operations[] = {
        "simplereenroll", "fullcmc",       "serverkeygen", "",
        "cacert",         "simpleenroll/", "cacerts/x"};
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct connection *line = connection_new(NULL, NULL);

    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const char *path = est_path(customer, operations[i]);

        print_message("  %s\n", path);
        expect_refused(ask(line, "POST", path, NULL), "absent");
        expect_refused(ask(line, "GET", path, NULL), "absent");
        expect_refused(ask(line, "GET", path, "Accept: text/html"), "absent");
    }
    expect_refused(ask(line, "GET", "/.well-known/est/cacerts", NULL),
                   "absent");
    expect_refused(
        ask(line, "GET", "/.well-known/est/1234567890/csrattrs", NULL),
        "absent");
}

/* The DER that csrattrs answers with. */
static uint8_t *
fetch_attributes(const struct customer *customer, size_t *ret_length)
{
    const struct reply *reply = ask(connection_new(NULL, NULL), "GET",
                                    est_path(customer, "csrattrs"), NULL);
    uint8_t *der = kept_new(reply->length + 1);
    int length;

    expect_status(reply, 200);
    assert_string_equal(reply_header(reply, "Content-Type"),
                        "application/csrattrs");
    length = EVP_DecodeBlock(der, (const uint8_t *)reply->body,
                             (int)strcspn(reply->body, "\n"));
    assert_true(length > 2 && der[1] < 0x80);
    *ret_length = (size_t)der[1] + 2; /* of one SEQUENCE, less base64's fill */
    assert_in_range((size_t)length, *ret_length, *ret_length + 2);
    return der;
}

/* SEQUENCE { SEQUENCE { id-ecPublicKey, SET { prime256v1 } },
 * ecdsa-with-SHA256 } */
static void
csrattrs_asks_for_p256_and_sha256(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    size_t length;
    const uint8_t *der = fetch_attributes(customer, &length);

    (void)state;
    assert_string_equal(machine_hex(der, length), "3021"
                                                  "3015"
                                                  "06072a8648ce3d0201"
                                                  "310a06082a8648ce3d030107"
                                                  "06082a8648ce3d040302");
}

/* A client that knows nothing else than what csrattrs says. */
static void
request_made_as_csrattrs_says_is_enrolled(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    size_t length;
    const unsigned char *at = fetch_attributes(customer, &length);
    ASN1_SEQUENCE_ANY *list = d2i_ASN1_SEQUENCE_ANY(NULL, &at, (long)length);
    X509_ATTRIBUTE *attribute = NULL;
    const ASN1_TYPE *curve;

    (void)state;
    assert_non_null(list);
    assert_int_equal(sk_ASN1_TYPE_num(list), 2);
    at = sk_ASN1_TYPE_value(list, 0)->value.sequence->data;
    attribute = d2i_X509_ATTRIBUTE(
        NULL, &at, sk_ASN1_TYPE_value(list, 0)->value.sequence->length);
    assert_non_null(attribute);
    assert_int_equal(OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attribute)),
                     NID_X9_62_id_ecPublicKey);
    curve = X509_ATTRIBUTE_get0_type(attribute, 0);
    customer_reach_nonce(customer);
    customer->machine_key = kept(
        EVP_EC_gen(OBJ_nid2sn(OBJ_obj2nid(curve->value.object))),
        (void (*)(void *))EVP_PKEY_free);
    expect_status(customer_enrol(customer), 200);
    X509_ATTRIBUTE_free(attribute);
    sk_ASN1_TYPE_pop_free(list, ASN1_TYPE_free);
}

/* Found by nginx, and by the service behind it. */
static void
what_is_too_long_says_so(void **state)
{
    struct connection *line = connection_new(NULL, NULL);
    char *many = kept_new(10001);
    const struct reply *reply;

    (void)state;
    memset(many, 'a', 10000);
    connection_use_http11(line);
    reply = ask(line, "GET", kept_format("/%s", many), NULL);
    expect_refused(reply, "large");
    assert_int_equal(reply->status, 414);
    reply = ask(line, "GET", "/login", kept_format("Some: %s", many));
    expect_refused(reply, "large");
    assert_int_equal(reply->status, 431);
}

static void
content_of_another_type_is_told_the_right_one(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct request request;
    const struct reply *reply;

    (void)state;
    customer_reach_token(customer);
    request = customer_nonce_request(customer);
    request.type = "text/plain";
    reply = connection_send(customer->line, &request);
    expect_refused(reply, "type");
    assert_string_equal(reply_header(reply, "Accept"), "application/json");
    expect_status(customer_nonce(customer), 201);
    request = customer_enrol_request(customer, customer_proof(customer));
    request.type = "application/json";
    reply = connection_send(customer->line, &request);
    expect_refused(reply, "type");
    assert_string_equal(reply_header(reply, "Accept"), "application/pkcs10");
    expect_status(customer_enrol(customer), 200);
}

/* Words of nginx's own would come as HTML. */
static void
what_nginx_refuses_is_told_in_the_same_shape(void **state)
{
    struct connection *line = connection_new(NULL, NULL);
    const struct reply *reply;

    (void)state;
    expect_refused(ask(line, "GET", "/.refused/400", NULL), "absent");
    connection_use_http11(line);
    reply = ask(line, "POST", "/login", "Transfer-Encoding: gzip");
    expect_refused(reply, "request");
    assert_int_equal(reply->status, 501);
    assert_string_equal(reply_header(reply, "Cache-Control"), "no-store");
}

/* Of what is taken, in JSON, with a member that nobody knows. */
static const char *
make_body(size_t size)
{
    static const char head[] = "{\"nonce\":\"none\",\"name\":\"n\",\"x\":\"";
    char *body = kept_new(size + 1);

    memset(body, 'x', size);
    memcpy(body, head, sizeof head - 1);
    memcpy(body + size - 2, "\"}", 2);
    return body;
}

/* 64 KiB are read, and one byte more is refused; found by nginx or by the back
 * end, it is said in the same way. */
static void
body_beyond_all_measure_is_refused(void **state)
{
    static const struct {
        const char *path;
        bool machine;
        long status; /* of as long a body as is read */
    } steps[] = {{"enrolments", false, 201},
                 {"enrolments/evidence", false, 403},
                 {"machines/self/attestation", true, 403},
                 {"machines/self/evidence", true, 403}};
    static const size_t measure = (size_t)64 << 10;
    struct customer *customer = customer_new(service_fresh_vault(), "several");
    struct connection *line;

    (void)state;
    customer_register(customer);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct request request = customer_nonce_request(customer);

        line = steps[i].machine ? customer_machine_line(customer)
                                : customer->line;
        print_message("  %s\n", steps[i].path);
        request.url = kept_format("%s%s", customer->credential->endpoint,
                                  steps[i].path);
        request.body = make_body(measure);
        expect_status(connection_send(line, &request), steps[i].status);
        request.body = make_body(measure + 1);
        expect_refused(connection_send(line, &request), "large");
        request.body = make_body(64 * measure);
        expect_refused(connection_send(line, &request), "large");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(head_is_answered_wherever_get_is),
        rule(method_that_a_path_has_not_is_told_those_it_has),
        rule(operation_that_est_has_and_this_vault_has_not_is_absent),
        rule(csrattrs_asks_for_p256_and_sha256),
        rule(request_made_as_csrattrs_says_is_enrolled),
        rule(what_is_too_long_says_so),
        rule(content_of_another_type_is_told_the_right_one),
        rule(what_nginx_refuses_is_told_in_the_same_shape),
        rule(body_beyond_all_measure_is_refused),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
