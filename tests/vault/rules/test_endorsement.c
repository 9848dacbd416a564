/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the owner trusts, vouches: for one endorsement key, by its certificate
 * or by its name, and never by what the machine brings along. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

/* In a vault that wants a trusted EK. */
static struct customer *
make_customer(void)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    service_set_policy(customer->vault, "EK-verified");
    customer_reach_token(customer);
    return customer;
}

/* Offer CERTIFICATE (NULL: none) for the TPM's endorsement key. */
static void
set_certificate(struct attestation *attestation, const char *certificate)
{
    statement_set(json_object_get(attestation->offer, "endorsement"),
                  "certificate", certificate);
}

static void
set_chain(struct attestation *attestation, const char *certificate)
{
    assert_int_equal(
        json_object_set_new(json_object_get(attestation->offer, "endorsement"),
                            "chain", json_pack("[s]", certificate)),
        0);
}

static void
certificate_of_a_trusted_maker_is_enough(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_customer();
    struct maker *maker = maker_new("rightful");
    json_t *machine;

    (void)state;
    service_trust(customer->vault, maker->path);
    set_certificate(
        attestation,
        maker_certify(maker, tpm_endorsement_key(maker_tpm()), 7, 365));
    attestation_register(customer, attestation);
    machine = json_array_get(service_machines(customer->vault), 0);
    assert_string_equal(json_string_value(json_object_get(machine, "proof")),
                        "EK-verified");
    assert_string_equal(json_string_value(json_object_get(machine, "origin")),
                        "born");
}

static void
maker_whom_nobody_knows_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_customer();
    struct maker *maker = maker_new("rightful");
    struct maker *stranger = maker_new("stranger");

    (void)state;
    service_trust(customer->vault, maker->path);
    set_certificate(
        attestation,
        maker_certify(stranger, tpm_endorsement_key(maker_tpm()), 7, 365));
    expect_refused(attestation_offer(customer, attestation->offer), "policy");
}

/* A root of the same name as one that is trusted. */
static void
maker_of_a_trusted_name_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_customer();
    struct maker *maker = maker_new("rightful");
    struct maker *impostor;

    (void)state;
    service_trust(customer->vault, maker->path);
    impostor = maker_new("rightful");
    set_certificate(
        attestation,
        maker_certify(impostor, tpm_endorsement_key(maker_tpm()), 7, 365));
    expect_refused(attestation_offer(customer, attestation->offer),
                   "policy|endorsement");
}

/* GHSA-6hxq-p678-4hr2: a root that comes with the chain is no trusted one. */
static void
root_in_the_chain_is_not_trusted(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_customer();
    struct maker *maker = maker_new("rightful");
    struct maker *stranger = maker_new("stranger");

    (void)state;
    service_trust(customer->vault, maker->path);
    set_certificate(
        attestation,
        maker_certify(stranger, tpm_endorsement_key(maker_tpm()), 7, 365));
    set_chain(attestation, maker_root_der(stranger));
    expect_refused(attestation_offer(customer, attestation->offer), "policy");
}

static void
expired_certificate_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_customer();
    struct maker *maker = maker_new("rightful");

    (void)state;
    service_trust(customer->vault, maker->path);
    set_certificate(
        attestation,
        maker_certify(maker, tpm_endorsement_key(maker_tpm()), 7, -1));
    expect_refused(attestation_offer(customer, attestation->offer),
                   "endorsement");
}

/* Good for another TPM, and for the list of both. */
static void
certificate_of_another_key_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_customer();
    struct maker *maker = maker_new("rightful");

    (void)state;
    service_trust(customer->vault, maker->path);
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    set_certificate(
        attestation,
        maker_certify(maker, tpm_endorsement_key(maker_other_tpm()), 7, 365));
    expect_refused(attestation_offer(customer, attestation->offer),
                   "endorsement");
}

/* A certificate of the serial number, issuer and words of a TPM that is let in,
 * by somebody else and for another key. */
static void
serial_number_that_fits_is_no_name(void **state)
{
    struct attestation *good = attestation_new(maker_tpm());
    struct attestation *attestation = attestation_new(maker_other_tpm());
    struct customer *customer = make_customer();
    struct maker *maker = maker_new("rightful");
    struct maker *impostor = maker_new("rightful");

    (void)state;
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    set_certificate(good, maker_certify(maker, tpm_endorsement_key(maker_tpm()),
                                        4711, 365));
    attestation_register(customer, good);
    set_certificate(attestation,
                    maker_certify(impostor,
                                  tpm_endorsement_key(maker_other_tpm()), 4711,
                                  365));
    expect_refused(attestation_offer(customer, attestation->offer), "policy");
}

static void
listed_key_needs_no_certificate(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = make_customer();

    (void)state;
    set_certificate(attestation, NULL);
    expect_refused(attestation_offer(customer, attestation->offer), "policy");
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    attestation_register(customer, attestation);
}

static void
offer_of_another_form_is_refused(void **state)
{
    static const char *const members[] = {"endorsement", "key"};
    struct customer *customer = make_customer();
    struct attestation *attestation;

    (void)state;
    service_allow(customer->vault, attestation_ek(maker_tpm()));
    for (size_t i = 0; i < 2; i++) {
        attestation = attestation_new(maker_tpm());
        statement_set(attestation->offer, members[i], NULL);
        expect_refused(attestation_offer(customer, attestation->offer),
                       "evidence|endorsement");
    }
    expect_refused(attestation_offer(customer, kept_json(json_null())),
                   "evidence|endorsement");
    attestation = attestation_new(maker_tpm());
    set_certificate(attestation, "AAAA");
    service_disallow(customer->vault, attestation_ek(maker_tpm()));
    expect_refused(attestation_offer(customer, attestation->offer),
                   "endorsement");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(certificate_of_a_trusted_maker_is_enough),
        rule(maker_whom_nobody_knows_is_refused),
        rule(maker_of_a_trusted_name_is_refused),
        rule(root_in_the_chain_is_not_trusted),
        rule(expired_certificate_is_refused),
        rule(certificate_of_another_key_is_refused),
        rule(serial_number_that_fits_is_no_name),
        rule(listed_key_needs_no_certificate),
        rule(offer_of_another_form_is_refused),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
