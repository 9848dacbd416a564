/* SPDX-License-Identifier: Apache-2.0 */
/* One TPM is registered once in a vault: a clone shows, and whoever takes a
 * place does not count as one. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/attestation_anew.h"
#include "tests/vault/rules/data.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"
#include "tests/vault/rules/tpm_provider.h"

/* Another machine of VAULT with this TPM, up to M4, whose reply is returned. */
static const struct reply *
enrol_second(struct vault vault, struct tpm *tpm, const char *name)
{
    struct attestation *attestation = attestation_new(tpm);
    struct customer *customer = customer_new(vault, "several");

    customer->name = name;
    attestation_reach_evidence(customer, attestation);
    return attestation_enrol(customer, attestation);
}

static void
tpm_of_a_registered_machine_is_refused_with_both_names(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    const struct reply *reply;

    (void)state;
    attestation_register(customer, attestation);
    reply = enrol_second(customer->vault, maker_tpm(), "clone-8");
    expect_refused(reply, "duplicate");
    expect_said(reply, "kiosk-7");
    expect_said(reply, machine_uuid(customer->machine));
    expect_said(reply, "clone-8");
    assert_int_equal(json_array_size(service_machines(customer->vault)), 1);
    expect_status(enrol_second(customer->vault, maker_other_tpm(), "kiosk-7"),
                  200);
    expect_status(enrol_second(service_fresh_vault(), maker_tpm(), "kiosk-7"),
                  200);
}

static void
tpm_of_a_revoked_machine_is_free(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();

    (void)state;
    attestation_register(customer, attestation);
    service_revoke_machine(machine_uuid(customer->machine));
    expect_status(enrol_second(customer->vault, maker_tpm(), "kiosk-7"), 200);
}

/* The same machine key again is the same machine, which takes its own place. */
static void
machine_that_takes_its_own_place_keeps_its_tpm(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *again = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct customer *later;

    (void)state;
    attestation_register(customer, attestation);
    again->machine = attestation->machine;
    later = customer_new(customer->vault, "several");
    attestation_register(later, again);
    assert_string_not_equal(machine_uuid(later->machine),
                            machine_uuid(customer->machine));
}

/* Its key is gone with the TPM's hierarchy; its TPM is the one that it was. */
static void
replacement_in_the_same_tpm_is_let_in(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *again = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct customer *later;

    (void)state;
    attestation_register(customer, attestation);
    later = customer_with_file(customer->vault,
                               data_replacement(data_portal(), customer));
    attestation_register(later, again);
    expect_refused(
        customer_self(
            connection_new(customer->machine,
                           tpm_provider_key(maker_tpm(), attestation->machine)),
            customer),
        "revoked");
}

/* Nothing is lost by it: the machine that was to be replaced stays what it was.
 */
static void
replacement_in_the_tpm_of_a_third_machine_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct customer *third;
    struct customer *later;
    const struct reply *reply;
    json_t *machines, *machine;
    size_t i;

    (void)state;
    attestation_register(customer, attestation);
    third = customer_new(customer->vault, "several");
    attestation_register(third, attestation_new(maker_other_tpm()));
    later = customer_with_file(customer->vault,
                               data_replacement(data_portal(), customer));
    attestation = attestation_new(maker_other_tpm());
    attestation_reach_evidence(later, attestation);
    reply = attestation_enrol(later, attestation);
    expect_refused(reply, "duplicate");
    expect_said(reply, machine_uuid(third->machine));
    machines = service_machines(customer->vault);
    assert_int_equal(json_array_size(machines), 2);
    json_array_foreach(machines, i, machine) assert_string_equal(
        json_string_value(json_object_get(machine, "state")), "registered");
}

/* A TPM has an EK of each algorithm.  The machine shows another of them than at
 * its enrolment, which does not make the first free for a clone. */
static void
ek_that_was_shown_before_is_still_the_machines(void **state)
{
    struct tpm *tpm = maker_other_tpm();
    struct attestation *first = attestation_new(tpm);
    struct attestation *clone = attestation_new(tpm);
    struct attestation *other;
    struct customer *customer = customer_with_token();
    struct customer *second;
    struct connection *line;
    const struct reply *reply;

    (void)state;
    attestation_register(customer, first);
    second = customer_new(customer->vault, "several");
    customer_reach_token(second);
    expect_status(attestation_begin(second, clone), 201);
    tpm_use_other_endorsement(tpm);
    other = attestation_new(tpm);
    statement_set(json_object_get(other->offer, "endorsement"), "certificate",
                  NULL);
    other->machine = first->machine;
    line = attestation_anew_line(customer, other);
    expect_status(attestation_anew_send(
                      line, customer, "evidence",
                      attestation_anew_evidence(
                          customer, other,
                          attestation_anew_offer(line, customer, other))),
                  200);
    expect_status(
        attestation_send(second, clone, attestation_rightful(clone, second)),
        200);
    reply = attestation_enrol(second, clone);
    expect_refused(reply, "duplicate");
    expect_said(reply, machine_uuid(customer->machine));
    assert_int_equal(json_array_size(service_machines(customer->vault)), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(tpm_of_a_registered_machine_is_refused_with_both_names),
        rule(tpm_of_a_revoked_machine_is_free),
        rule(machine_that_takes_its_own_place_keeps_its_tpm),
        rule(replacement_in_the_same_tpm_is_let_in),
        rule(replacement_in_the_tpm_of_a_third_machine_is_refused),
        /* The last: the other TPM shows another EK from there on. */
        rule(ek_that_was_shown_before_is_still_the_machines),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
