/* SPDX-License-Identifier: Apache-2.0 */
/* A key that was made elsewhere passes for none that was born in a TPM, neither
 * as the machine's nor as the one that certifies it. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"

static void
key_that_was_imported_is_not_born(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    struct tpm_key *born = attestation->machine;
    json_t *evidence;

    (void)state;
    attestation->machine = tpm_import(maker_tpm(), TPM_MACHINE_KEY,
                                      customer->machine_key);
    evidence = attestation_rightful(attestation, customer);
    attestation->machine = born;
    attestation_refuse(customer, attestation, evidence);
}

/* The TPM certifies the imported key, and its area says that it was born. */
static void
attributes_that_are_made_up_are_not_those_that_are_certified(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    struct tpm_key *born = attestation->machine;
    struct tpm_key made_up;
    json_t *evidence;

    (void)state;
    attestation->machine = tpm_import(maker_tpm(), TPM_MACHINE_KEY,
                                      customer->machine_key);
    evidence = attestation_rightful(attestation, customer);
    made_up = *attestation->machine;
    made_up.public.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDTPM |
                                                  TPMA_OBJECT_FIXEDPARENT;
    statement_set(json_object_get(evidence, "machine"), "public",
                  attestation_public(&made_up.public));
    attestation->machine = born;
    attestation_refuse(customer, attestation, evidence);
}

/* A key of the same TPM that no challenge was made for certifies what is true;
 * it might as well be one that somebody knows. */
static void
statement_by_another_attestation_key_is_refused(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct attestation *by = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    json_t *evidence = attestation_rightful(attestation, customer);

    (void)state;
    by->machine = attestation->machine;
    by->secret = attestation->secret;
    (void)json_object_set(
        evidence, "machine",
        json_object_get(attestation_rightful(by, customer), "machine"));
    attestation_refuse(customer, attestation, evidence);
}

/* For information, and no other key's than that of the file. */
static void
credentials_key_that_is_certified_is_the_credentials(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = attestation_customer(attestation);
    struct tpm_key *machine = attestation->machine;
    json_t *evidence = attestation_rightful(attestation, customer);
    uint8_t qualifying[32];
    json_t *other;

    (void)state;
    attestation->machine = tpm_import(maker_tpm(), TPM_MACHINE_KEY,
                                      customer->machine_key);
    attestation_qualify(customer->nonce, customer->vault.id, machine->key,
                        customer->credential->certificate, qualifying);
    other = attestation_evidence(attestation, customer->nonce, qualifying);
    attestation->machine = machine;
    (void)json_object_set(evidence, "credential",
                          json_object_get(other, "machine"));
    attestation_refuse(customer, attestation, evidence);
}

static void
attestation_key_that_was_imported_gets_no_challenge(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct attestation *imported = attestation_new(maker_tpm());

    (void)state;
    imported->ak = tpm_import(maker_tpm(), TPM_ATTESTATION_KEY,
                              machine_new_key("P-256"));
    attestation_offer_key(imported, imported->ak);
    expect_refused(attestation_offer(customer, imported->offer), "evidence");
    attestation_offer_key(imported, imported->machine);
    expect_refused(attestation_offer(customer, imported->offer), "evidence");
    expect_status(attestation_begin(customer, attestation), 201);
}

/* The imported key again, with the attributes of one that was born: the
 * challenge is for a key of that Name, and the TPM has none. */
static void
attributes_that_are_made_up_open_no_challenge(void **state)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_with_token();
    struct tpm_key *imported = tpm_import(maker_tpm(), TPM_ATTESTATION_KEY,
                                          machine_new_key("P-256"));
    struct tpm_key made_up = *imported;
    const struct reply *reply;

    (void)state;
    made_up.public.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDTPM |
                                                  TPMA_OBJECT_FIXEDPARENT;
    attestation_offer_key(attestation, &made_up);
    reply = attestation_offer(customer, attestation->offer);
    expect_status(reply, 201);
    assert_false(attestation_opens(maker_tpm(), imported,
                                   reply_text(reply, "challenge")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(key_that_was_imported_is_not_born),
        rule(attributes_that_are_made_up_are_not_those_that_are_certified),
        rule(statement_by_another_attestation_key_is_refused),
        rule(credentials_key_that_is_certified_is_the_credentials),
        rule(attestation_key_that_was_imported_gets_no_challenge),
        rule(attributes_that_are_made_up_open_no_challenge),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
