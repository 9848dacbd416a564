/* SPDX-License-Identifier: Apache-2.0 */
/* M3 and the rest of M4: the nonce, good for one enrolment, and the machine's
 * certificate request. */
#include "tests/vault/rules/rules.h"

#include <string.h>

static struct customer *
make_customer(void)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    customer_reach_nonce(customer);
    return customer;
}

static void
nonce_nobody_gave_is_refused(void **state)
{
    struct customer *customer = make_customer();

    (void)state;
    customer->nonce = statement_key_hash(machine_new_key("P-256"));
    expect_refused(customer_enrol(customer), "nonce");
}

static void
nonce_is_good_for_one_enrolment(void **state)
{
    struct customer *first = make_customer();
    struct customer *second = customer_copy(first);

    (void)state;
    customer_reach_token(second);
    second->nonce = first->nonce;
    expect_status(customer_enrol(first), 200);
    expect_refused(customer_enrol(second), "nonce");
    expect_status(customer_nonce(second), 201);
    expect_status(customer_enrol(second), 200);
}

static void
nonce_ends_after_600_seconds(void **state)
{
    struct customer *customer = make_customer();

    (void)state;
    service_set_clock(660);
    customer_reach_token(customer);
    expect_refused(customer_enrol(customer), "nonce");
    expect_status(customer_nonce(customer), 201);
    expect_status(customer_enrol(customer), 200);
}

static void
nonce_reply_says_what_the_page_says(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    const struct reply *reply;
    json_int_t expires;
    const char *first;

    (void)state;
    customer_reach_token(customer);
    reply = customer_nonce(customer);
    expect_status(reply, 201);
    first = customer->nonce;
    assert_int_equal(strlen(first), 43);
    assert_int_equal(strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                   "qrstuvwxyz0123456789-_"),
                     43);
    expires = json_integer_value(json_object_get(reply->json, "expires"));
    assert_in_range(expires, service_now() + 1, service_now() + 600);
    expect_status(customer_nonce(customer), 201);
    assert_string_not_equal(customer->nonce, first);
}

static void
enrolment_without_a_name_is_a_bad_request(void **state)
{
    static const char *const bodies[] = {"",
                                         "{}",
                                         "{\"name\": 7}",
                                         "[\"kiosk-7\"]",
                                         "{\"name\": \"kiosk",
                                         "\"kiosk-7\""};
    struct customer *customer = make_customer();

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct request request = customer_nonce_request(customer);

        request.body = bodies[i];
        print_message("  %s\n", bodies[i]);
        expect_refused(connection_send(customer->line, &request), "request");
    }
}

/* The right proof, but this for a request. */
static void
refuse_request(struct customer *customer, const char *body)
{
    struct request request = customer_enrol_request(customer,
                                                    customer_proof(customer));

    request.body = body;
    expect_refused(connection_send(customer->line, &request), "request");
}

static void
request_with_a_bad_self_signature_is_refused(void **state)
{
    struct customer *customer = make_customer();

    (void)state;
    refuse_request(customer,
                   machine_request(customer->machine_key, MACHINE_DAMAGED));
    expect_status(customer_enrol(customer), 200);
}

static void
request_for_a_weak_key_is_refused(void **state)
{
    static const char *const kinds[] = {"RSA-1024", "P-192"};
    struct customer *customer = make_customer();

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        customer->machine_key = machine_new_key(kinds[i]);
        refuse_request(customer,
                       machine_request(customer->machine_key, MACHINE_PLAIN));
    }
}

static void
request_that_is_none_is_refused(void **state)
{
    static const char *const bodies[] = {"", "!!!!", "AAAA",
                                         "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"};
    struct customer *customer = make_customer();
    const char *good = machine_request(customer->machine_key, MACHINE_PLAIN);

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        refuse_request(customer, bodies[i]);
    refuse_request(customer, kept_format("%.*s", 40, good));
    refuse_request(customer, kept_format("AAAA%s", good));
    expect_status(customer_enrol(customer), 200);
}

static void
request_in_lines_is_taken(void **state)
{
    struct customer *customer = make_customer();
    struct request request = customer_enrol_request(customer,
                                                    customer_proof(customer));

    (void)state;
    request.body = machine_request(customer->machine_key, MACHINE_WRAPPED);
    expect_status(connection_send(customer->line, &request), 200);
}

static void
every_fit_machine_key_is_enrolled(void **state)
{
    static const char *const kinds[] = {"P-256", "P-384", "RSA-2048"};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct customer *customer = customer_new(service_fresh_vault(),
                                                 "several");

        customer->machine_key = machine_new_key(kinds[i]);
        customer_register(customer);
        assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(customer->machine),
                                     customer->machine_key),
                         1);
    }
}

static void
reply_is_base64_of_a_certificate_box(void **state)
{
    struct customer *customer = make_customer();
    const struct reply *reply = customer_enrol(customer);
    const char *type = reply_header(reply, "Content-Type");

    (void)state;
    expect_status(reply, 200);
    assert_non_null(type);
    assert_memory_equal(type, "application/pkcs7-mime;", 23);
    assert_non_null(strstr(type, "smime-type=certs-only"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(nonce_nobody_gave_is_refused),
        rule(nonce_is_good_for_one_enrolment),
        rule(nonce_ends_after_600_seconds),
        rule(nonce_reply_says_what_the_page_says),
        rule(enrolment_without_a_name_is_a_bad_request),
        rule(request_with_a_bad_self_signature_is_refused),
        rule(request_for_a_weak_key_is_refused),
        rule(request_that_is_none_is_refused),
        rule(request_in_lines_is_taken),
        rule(every_fit_machine_key_is_enrolled),
        rule(reply_is_base64_of_a_certificate_box),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
