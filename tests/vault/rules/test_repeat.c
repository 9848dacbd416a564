/* SPDX-License-Identifier: Apache-2.0 */
/* Rule 6: an enrolment whose reply was lost may be taken up again and brings
 * the same certificate, whatever became of the credential meanwhile, unless it
 * or the machine was revoked; and opens no other way. */
#include "tests/vault/rules/rules.h"

#include <string.h>

#define HOURS_48 (48L * 3600)

/* Byte for byte, not only in its public key. */
static void
assert_same_certificate(X509 *a, X509 *b)
{
    assert_ptr_not_equal(a, b);
    assert_int_equal(X509_cmp(a, b), 0);
    assert_string_equal(machine_thumbprint_hex(a), machine_thumbprint_hex(b));
}

/* M2 to M4 once more, with the machine key in the assertion. */
static void
take_up_again(struct customer *customer)
{
    X509 *before = customer->machine;

    expect_status(customer_token_again(customer), 200);
    expect_status(customer_nonce(customer), 201);
    expect_status(customer_enrol(customer), 200);
    assert_same_certificate(customer->machine, before);
    expect_status(customer_self(customer_machine_line(customer), customer),
                  200);
}

static struct customer *
make_registered(const char *machines)
{
    struct customer *customer = customer_new(service_fresh_vault(), machines);

    customer_register(customer);
    return customer;
}

static void
same_message_again_gets_the_same_certificate(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct request request;
    const struct reply *replies[2];

    (void)state;
    customer_reach_nonce(customer);
    request = customer_enrol_request(customer, customer_proof(customer));
    for (size_t i = 0; i < 2; i++) {
        replies[i] = connection_send(customer->line, &request);
        expect_status(replies[i], 200);
    }
    assert_same_certificate(machine_certificate(replies[0]->body),
                            machine_certificate(replies[1]->body));
}

static void
repeat_after_retirement_gets_the_same_certificate(void **state)
{
    (void)state;
    take_up_again(make_registered("one"));
}

static void
repeat_after_superseding_gets_the_same_certificate(void **state)
{
    struct customer *customer = make_registered("several");

    (void)state;
    (void)service_download(customer->vault, "one", "p256");
    take_up_again(customer);
}

static void
repeat_after_expiry_gets_the_same_certificate(void **state)
{
    struct customer *customer = make_registered("several");

    (void)state;
    service_set_clock(HOURS_48 + 60);
    take_up_again(customer);
}

static void
repeat_after_all_of_it_gets_the_same_certificate(void **state)
{
    struct customer *customer = make_registered("one");

    (void)state;
    (void)service_download(customer->vault, "one", "p256");
    service_set_clock(HOURS_48 + 60);
    take_up_again(customer);
}

/* The old token, got before the enrolment, is in its time: M4 looks up the
 * machine before anything else. */
static void
repeat_with_the_old_token_after_superseding(void **state)
{
    struct customer *customer = make_registered("one");
    X509 *before = customer->machine;

    (void)state;
    (void)service_download(customer->vault, "one", "p256");
    expect_status(customer_enrol(customer), 200);
    assert_same_certificate(customer->machine, before);
}

static void
repeat_makes_no_second_machine(void **state)
{
    struct customer *customer = make_registered("several");
    const char *uuid = machine_uuid(customer->machine);

    (void)state;
    take_up_again(customer);
    take_up_again(customer);
    assert_string_equal(machine_uuid(customer->machine), uuid);
}

/* The reply to M4 never came, nor was M4 ever received: the agent cannot tell,
 * names its key, and is enrolled for the first time. */
static void
taking_up_what_never_arrived_enrols_normally(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    (void)state;
    expect_status(customer_token_again(customer), 200);
    expect_status(customer_nonce(customer), 201);
    expect_status(customer_enrol(customer), 200);
}

static void
retired_credential_with_a_key_it_never_enrolled_is_refused(void **state)
{
    struct customer *other = customer_copy(make_registered("one"));

    (void)state;
    expect_refused(customer_token_again(other), "retired");
}

static void
superseded_credential_with_a_key_it_never_enrolled_is_refused(void **state)
{
    struct customer *other = customer_copy(make_registered("several"));

    (void)state;
    (void)service_download(other->vault, "one", "p256");
    expect_refused(customer_token_again(other), "superseded");
}

static void
expired_credential_with_a_key_it_never_enrolled_is_refused(void **state)
{
    struct customer *other = customer_copy(make_registered("several"));

    (void)state;
    service_set_clock(HOURS_48 + 60);
    expect_refused(customer_token_again(other), "expired");
}

/* The machine exists, but another credential enrolled it. */
static void
machine_of_another_credential_opens_nothing(void **state)
{
    struct customer *first = make_registered("several");
    struct customer *second = customer_new(first->vault, "one");

    (void)state;
    customer_register(second);
    second->machine_key = first->machine_key;
    expect_refused(customer_token_again(second), "retired");
}

/* The token of a repeat enrols its machine and nothing else. */
static void
token_of_a_repeat_is_good_for_nothing_else(void **state)
{
    static const char *const kinds[] = {"one", "several"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct customer *customer = make_registered(kinds[i]);

        (void)service_download(customer->vault, "one", "p256");
        expect_status(customer_token_again(customer), 200);
        expect_status(customer_nonce(customer), 201);
        customer->machine_key = machine_new_key("P-256");
        expect_refused(customer_enrol(customer), "token|superseded|retired");
    }
}

/* Not even for another machine of the same credential. */
static void
token_of_a_repeat_brings_no_other_machine(void **state)
{
    struct customer *first = make_registered("several");
    struct customer *second = customer_copy(first);

    (void)state;
    customer_register(second);
    (void)service_download(first->vault, "one", "p256");
    expect_status(customer_token_again(first), 200);
    expect_status(customer_nonce(first), 201);
    first->machine_key = second->machine_key;
    expect_refused(customer_enrol(first), "token");
}

static void
repeat_without_proof_is_refused(void **state)
{
    struct customer *customer = make_registered("one");
    struct request request;

    (void)state;
    expect_status(customer_token_again(customer), 200);
    expect_status(customer_nonce(customer), 201);
    request = customer_enrol_request(customer, "");
    expect_refused(connection_send(customer->line, &request), "proof");
}

static void
repeat_after_the_machine_was_revoked_is_refused(void **state)
{
    struct customer *customer = make_registered("several");

    (void)state;
    service_revoke_machine(machine_uuid(customer->machine));
    expect_refused(customer_enrol(customer), "revoked");
    expect_refused(customer_token_again(customer), "revoked|superseded");
}

static void
repeat_after_the_machine_left_is_refused(void **state)
{
    struct customer *customer = make_registered("several");

    (void)state;
    expect_status(customer_leave(customer_machine_line(customer), customer),
                  204);
    expect_refused(customer_enrol(customer), "revoked");
}

static void
repeat_after_the_credential_was_revoked_is_refused(void **state)
{
    struct customer *customer = make_registered("several");

    (void)state;
    service_revoke_credential(credential_thumbprint_hex(customer->credential));
    expect_refused(customer_enrol(customer), "revoked");
    expect_refused(customer_token_again(customer), "revoked");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(retired_credential_with_a_key_it_never_enrolled_is_refused),
        rule(superseded_credential_with_a_key_it_never_enrolled_is_refused),
        rule(expired_credential_with_a_key_it_never_enrolled_is_refused),
        rule(machine_of_another_credential_opens_nothing),
        rule(token_of_a_repeat_is_good_for_nothing_else),
        rule(token_of_a_repeat_brings_no_other_machine),
        rule(repeat_without_proof_is_refused),
        rule(repeat_after_the_machine_was_revoked_is_refused),
        rule(repeat_after_the_machine_left_is_refused),
        rule(repeat_after_the_credential_was_revoked_is_refused),
        rule(same_message_again_gets_the_same_certificate),
        rule(repeat_after_retirement_gets_the_same_certificate),
        rule(repeat_after_superseding_gets_the_same_certificate),
        rule(repeat_after_expiry_gets_the_same_certificate),
        rule(repeat_after_all_of_it_gets_the_same_certificate),
        rule(repeat_with_the_old_token_after_superseding),
        rule(repeat_makes_no_second_machine),
        rule(taking_up_what_never_arrived_enrols_normally),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
