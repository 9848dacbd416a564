/* SPDX-License-Identifier: Apache-2.0 */
/* Rules 7 to 9 and M5: what becomes of machines, and what a machine sees. */
#include "tests/vault/rules/rules.h"

#include <string.h>

#include <openssl/x509v3.h>

#define DAY (24L * 3600)

static struct customer *
make_registered(const char *machines)
{
    struct customer *customer = customer_new(service_fresh_vault(), machines);

    customer_register(customer);
    return customer;
}

static void
revoked_machine_ends_at_once_on_its_open_connection(void **state)
{
    struct customer *customer = make_registered("several");
    struct connection *line = customer_machine_line(customer);
    const struct reply *reply;

    (void)state;
    expect_status(customer_self(line, customer), 200);
    service_revoke_machine(machine_uuid(customer->machine));
    reply = customer_self(line, customer);
    expect_refused(reply, "revoked");
    assert_false(reply->handshake);
    expect_refused(customer_self(customer_machine_line(customer), customer),
                   "revoked");
}

static void
revoking_a_machine_supersedes_the_credential_of_its_vault(void **state)
{
    struct customer *customer = make_registered("several");
    struct customer *second = customer_copy(customer);

    (void)state;
    customer_reach_nonce(second);
    service_revoke_machine(machine_uuid(customer->machine));
    expect_refused(customer_enrol(second), "superseded");
    expect_refused(customer_nonce(second), "superseded");
    expect_refused(customer_token(second), "superseded");
}

/* Also the one downloaded after the machine came. */
static void
revoking_a_machine_supersedes_a_later_credential_too(void **state)
{
    struct customer *customer = make_registered("one");
    struct customer *later = customer_new(customer->vault, "one");

    (void)state;
    service_revoke_machine(machine_uuid(customer->machine));
    expect_refused(customer_token(later), "superseded");
    customer_register(customer_new(customer->vault, "one"));
}

static void
revoking_a_machine_touches_no_other(void **state)
{
    struct customer *first = make_registered("several");
    struct customer *second = customer_copy(first);
    struct customer *elsewhere = customer_new(service_fresh_vault(), "one");

    (void)state;
    customer_register(second);
    service_revoke_machine(machine_uuid(first->machine));
    expect_status(customer_self(customer_machine_line(second), second), 200);
    customer_register(elsewhere);
}

static void
machine_that_left_is_refused_at_once(void **state)
{
    struct customer *customer = make_registered("one");
    struct connection *line = customer_machine_line(customer);
    const struct reply *reply;

    (void)state;
    reply = customer_leave(line, customer);
    expect_status(reply, 204);
    assert_int_equal(reply->length, 0);
    reply = customer_self(line, customer);
    expect_refused(reply, "revoked");
    assert_false(reply->handshake);
    expect_refused(customer_leave(line, customer), "revoked");
    expect_refused(customer_self(customer_machine_line(customer), customer),
                   "revoked");
}

static void
forged_machine_certificate_is_unknown(void **state)
{
    struct customer *customer = make_registered("one");
    X509 *copy = kept_certificate(X509_dup(customer->machine));
    EVP_PKEY *key = machine_new_key("P-256");

    (void)state;
    assert_int_equal(X509_set_pubkey(copy, key), 1);
    assert_true(X509_sign(copy, key, EVP_sha256()) > 0);
    expect_refused(customer_self(connection_new(copy, key), customer),
                   "unknown-certificate");
}

static void
machine_certificate_past_its_year_is_refused(void **state)
{
    struct customer *customer = make_registered("one");

    (void)state;
    service_set_clock(367 * DAY);
    expect_refused(customer_self(customer_machine_line(customer), customer),
                   "expired");
}

static void
machine_lives_on_when_its_credential_is_superseded(void **state)
{
    struct customer *customer = make_registered("several");

    (void)state;
    (void)service_download(customer->vault, "one", "p256");
    expect_status(customer_self(customer_machine_line(customer), customer),
                  200);
}

static void
machine_lives_on_when_its_credential_has_expired(void **state)
{
    struct customer *customer = make_registered("several");

    (void)state;
    service_set_clock(30 * DAY);
    expect_status(customer_self(customer_machine_line(customer), customer),
                  200);
}

static void
machine_lives_on_when_its_credential_is_revoked(void **state)
{
    struct customer *customer = make_registered("several");

    (void)state;
    service_revoke_credential(credential_thumbprint_hex(customer->credential));
    expect_refused(customer_token(customer), "revoked");
    expect_status(customer_self(customer_machine_line(customer), customer),
                  200);
}

static void
same_name_twice_is_two_machines(void **state)
{
    struct customer *first = make_registered("several");
    struct customer *second = customer_copy(first);
    const struct reply *replies[2];

    (void)state;
    customer_register(second);
    replies[0] = customer_self(customer_machine_line(first), first);
    replies[1] = customer_self(customer_machine_line(second), second);
    expect_status(replies[0], 200);
    expect_status(replies[1], 200);
    assert_string_equal(reply_text(replies[0], "name"),
                        reply_text(replies[1], "name"));
    assert_string_equal(reply_text(replies[0], "machine"),
                        machine_uuid(first->machine));
    assert_string_equal(reply_text(replies[1], "machine"),
                        machine_uuid(second->machine));
    assert_string_not_equal(machine_uuid(first->machine),
                            machine_uuid(second->machine));
}

static void
machine_sees_its_own_vault_only(void **state)
{
    struct customer *customer = make_registered("one");
    struct customer *other = make_registered("one");
    struct connection *line = customer_machine_line(customer);
    struct request request = customer_self_request(customer, "GET");
    const struct reply *reply;

    (void)state;
    request.url = kept_format("%s?vault=%s&machine=%s", request.url,
                              other->vault.id, machine_uuid(other->machine));
    reply = connection_send(line, &request);
    expect_status(reply, 200);
    assert_string_equal(reply_text(reply, "vault"), customer->vault.id);
    assert_string_equal(reply_text(reply, "machine"),
                        machine_uuid(customer->machine));
    request.url = kept_format("%smachines/%s", customer->credential->endpoint,
                              machine_uuid(other->machine));
    reply = connection_send(line, &request);
    assert_in_range(reply->status, 400, 499);
    request.method = "DELETE";
    reply = connection_send(line, &request);
    assert_in_range(reply->status, 400, 499);
    expect_status(customer_self(customer_machine_line(other), other), 200);
}

static void
machine_is_described_as_the_page_says(void **state)
{
    struct customer *customer = make_registered("one");
    const struct reply *reply = customer_self(customer_machine_line(customer),
                                              customer);
    json_t *store = json_object_get(reply->json, "key_store");

    (void)state;
    expect_status(reply, 200);
    assert_string_equal(reply_text(reply, "machine"),
                        machine_uuid(customer->machine));
    assert_string_equal(reply_text(reply, "name"), customer->name);
    assert_string_equal(reply_text(reply, "vault"), customer->vault.id);
    assert_string_equal(reply_text(reply, "vault_name"), customer->vault.name);
    assert_string_equal(json_string_value(json_object_get(store, "kind")),
                        "soft");
    assert_string_equal(json_string_value(json_object_get(store, "origin")),
                        "born");
    assert_true(json_is_true(json_object_get(store, "emulated")));
    assert_in_range(
        json_integer_value(json_object_get(reply->json, "registered")),
        service_now() - 60, service_now());
    assert_int_equal(
        json_integer_value(json_object_get(reply->json, "expires")),
        machine_time(X509_get0_notAfter(customer->machine)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(revoked_machine_ends_at_once_on_its_open_connection),
        rule(revoking_a_machine_supersedes_the_credential_of_its_vault),
        rule(revoking_a_machine_supersedes_a_later_credential_too),
        rule(revoking_a_machine_touches_no_other),
        rule(machine_that_left_is_refused_at_once),
        rule(forged_machine_certificate_is_unknown),
        rule(machine_certificate_past_its_year_is_refused),
        rule(machine_lives_on_when_its_credential_is_superseded),
        rule(machine_lives_on_when_its_credential_has_expired),
        rule(machine_lives_on_when_its_credential_is_revoked),
        rule(same_name_twice_is_two_machines),
        rule(machine_sees_its_own_vault_only),
        rule(machine_is_described_as_the_page_says),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
