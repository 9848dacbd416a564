/* SPDX-License-Identifier: Apache-2.0 */
/* Rules 1 to 3: the newest download only, for 48 hours, for one machine or for
 * several; each held to at M2, at M3 and in the transaction of M4. */
#include "tests/vault/rules/rules.h"

#define HOURS_48 (48L * 3600)
#define CONTENDERS 4

static void
newer_download_supersedes_at_the_token(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *old = customer_new(vault, "several");
    struct customer *new = customer_new(vault, "several");

    (void)state;
    expect_refused(customer_token(old), "superseded");
    customer_register(new);
}

static void
newer_download_supersedes_at_the_nonce(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *old = customer_new(vault, "several");

    (void)state;
    customer_reach_token(old);
    (void)service_download(vault, "several", "p256");
    expect_refused(customer_nonce(old), "superseded");
}

/* The token is good and fresh, only older than the newer download. */
static void
stale_token_and_nonce_are_refused_at_the_enrolment(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *old = customer_new(vault, "several");

    (void)state;
    customer_reach_nonce(old);
    (void)service_download(vault, "several", "p256");
    expect_refused(customer_enrol(old), "superseded");
}

static void
third_download_supersedes_the_first_two(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *first = customer_new(vault, "several");
    struct customer *second = customer_new(vault, "one");
    struct customer *third = customer_new(vault, "several");

    (void)state;
    expect_refused(customer_token(first), "superseded");
    expect_refused(customer_token(second), "superseded");
    customer_reach_token(third);
}

static void
download_for_another_vault_supersedes_nothing(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    (void)service_download(service_fresh_vault(), "one", "p256");
    customer_register(customer);
}

static void
credential_is_good_until_48_hours(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    service_set_clock(HOURS_48 - 60);
    customer_register(customer);
}

static void
token_ends_with_the_credential(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    const struct reply *reply;
    json_int_t lifetime;

    (void)state;
    service_set_clock(HOURS_48 - 60);
    reply = customer_token(customer);
    expect_status(reply, 200);
    lifetime = json_integer_value(json_object_get(reply->json, "expires_in"));
    assert_in_range(lifetime, 1, 60);
}

static void
expired_after_48_hours_at_the_token(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    service_set_clock(HOURS_48 + 60);
    expect_refused(customer_token(customer), "expired");
}

static void
expired_after_48_hours_at_the_nonce(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    service_set_clock(HOURS_48 - 60);
    customer_reach_token(customer);
    service_set_clock(HOURS_48 + 60);
    expect_refused(customer_nonce(customer), "expired");
}

static void
expired_after_48_hours_at_the_enrolment(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    service_set_clock(HOURS_48 - 60);
    customer_reach_nonce(customer);
    service_set_clock(HOURS_48 + 60);
    expect_refused(customer_enrol(customer), "expired");
}

/* 48 hours since the download, however long the certificate would last. */
static void
longer_certificate_lengthens_nothing(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *customer = customer_with_file(
        vault, service_download_days(vault, "5"));

    (void)state;
    customer_reach_token(customer);
    service_set_clock(HOURS_48 + 60);
    expect_refused(customer_token(customer), "expired");
}

/* And not a minute past the certificate's own end. */
static void
shorter_certificate_ends_the_credential(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *customer = customer_with_file(
        vault, service_download_days(vault, "1"));

    (void)state;
    customer_reach_token(customer);
    service_set_clock(HOURS_48 / 2 + 60);
    expect_refused(customer_token(customer), "expired");
}

/* nginx itself finds these dates wrong and would answer with a page of HTML. */
static void
truly_expired_certificate_is_refused_in_words(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *customer;

    (void)state;
    service_set_clock(-3L * 24 * 3600);
    customer = customer_new(vault, "one");
    service_set_clock(0);
    expect_refused(customer_token(customer), "expired");
}

/* nginx goes by the real clock and holds both certificates to be out of date;
 * the vault's own clock decides. */
static void
clock_of_the_vault_decides(void **state)
{
    static const long days[] = {-3, 3};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        service_set_clock(days[i] * 24 * 3600);
        customer_register(customer_new(service_fresh_vault(), "one"));
    }
}

static void
one_machine_file_is_retired_at_the_token(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    customer_register(customer);
    expect_refused(customer_token(customer_copy(customer)), "retired");
}

static void
one_machine_file_is_retired_at_the_nonce(void **state)
{
    struct customer *first = customer_new(service_fresh_vault(), "one");
    struct customer *second = customer_copy(first);

    (void)state;
    customer_reach_token(second);
    customer_register(first);
    expect_refused(customer_nonce(second), "retired");
}

static void
one_machine_file_is_retired_at_the_enrolment(void **state)
{
    struct customer *first = customer_new(service_fresh_vault(), "one");
    struct customer *second = customer_copy(first);

    (void)state;
    customer_reach_nonce(second);
    customer_register(first);
    expect_refused(customer_enrol(second), "retired");
}

/* All of them have passed every check when the transactions meet. */
static void
one_machine_file_in_a_race_registers_one(void **state)
{
    struct customer *customers[CONTENDERS] = {
        customer_new(service_fresh_vault(), "one")};
    struct connection *lines[CONTENDERS];
    struct request requests[CONTENDERS];
    const struct reply *replies[CONTENDERS];
    size_t registered = 0;

    (void)state;
    for (size_t i = 0; i < CONTENDERS; i++) {
        if (i > 0)
            customers[i] = customer_copy(customers[0]);
        customer_reach_nonce(customers[i]);
        lines[i] = customers[i]->line;
        requests[i] = customer_enrol_request(customers[i],
                                             customer_proof(customers[i]));
    }
    connection_send_together(lines, requests, replies, CONTENDERS);
    for (size_t i = 0; i < CONTENDERS; i++) {
        if (replies[i]->status == 200)
            registered++;
        else
            expect_refused(replies[i], "retired");
    }
    assert_int_equal(registered, 1);
}

static void
file_for_several_machines_enrols_two(void **state)
{
    struct customer *first = customer_new(service_fresh_vault(), "several");
    struct customer *second = customer_copy(first);

    (void)state;
    customer_register(first);
    customer_register(second);
    assert_string_not_equal(machine_uuid(first->machine),
                            machine_uuid(second->machine));
    expect_status(customer_self(customer_machine_line(first), first), 200);
    expect_status(customer_self(customer_machine_line(second), second), 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(newer_download_supersedes_at_the_token),
        rule(newer_download_supersedes_at_the_nonce),
        rule(stale_token_and_nonce_are_refused_at_the_enrolment),
        rule(third_download_supersedes_the_first_two),
        rule(download_for_another_vault_supersedes_nothing),
        rule(credential_is_good_until_48_hours),
        rule(token_ends_with_the_credential),
        rule(expired_after_48_hours_at_the_token),
        rule(expired_after_48_hours_at_the_nonce),
        rule(expired_after_48_hours_at_the_enrolment),
        rule(longer_certificate_lengthens_nothing),
        rule(shorter_certificate_ends_the_credential),
        rule(truly_expired_certificate_is_refused_in_words),
        rule(clock_of_the_vault_decides),
        rule(one_machine_file_is_retired_at_the_token),
        rule(one_machine_file_is_retired_at_the_nonce),
        rule(one_machine_file_is_retired_at_the_enrolment),
        rule(one_machine_file_in_a_race_registers_one),
        rule(file_for_several_machines_enrols_two),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
