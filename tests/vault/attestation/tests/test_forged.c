/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that no TPM makes, signed by an AK that is in software: each check
 * behind the signature by itself, and what a statement is bound to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "tests/vault/attestation/tests/forge.h"
#include "tests/vault/attestation/tests/tpm.h"
#include "tests/vault/attestation/tests/tpm_template.h"
#include "tests/vault/attestation/verifier.h"
#include "tests/vault/service/encoding.h"

static EVP_PKEY *ek_key;
static EVP_PKEY *ak_key;
static EVP_PKEY *machine_key;
static const char creation_data[] = "what a TPM says of a key's creation";

/* All that a forger can choose; forge() signs it as it stands. */
struct forgery {
    TPMT_PUBLIC ak;
    TPMT_PUBLIC machine;
    TPMS_ATTEST creation;
    TPMS_ATTEST certify;
    TPMS_ATTEST quote;
    uint8_t values[2][32];
    struct attestation_expected expected;
};

static TPMS_ATTEST
statement(TPMI_ST_ATTEST type, const uint8_t qualifying[static 32])
{
    TPMS_ATTEST attest = {
        .magic = TPM2_GENERATED_VALUE, .type = type, .extraData.size = 32};

    memcpy(attest.extraData.buffer, qualifying, 32);
    return attest;
}

/* As a TPM would have made it. */
static void
prepare(struct forgery *ret)
{
    struct attestation_binding binding;
    TPM2B_DIGEST *digest;

    *ret = (struct forgery){.ak = forge_ak(), .machine = forge_machine()};
    forge_put_key(&ret->ak, ak_key);
    forge_put_key(&ret->machine, machine_key);
    ret->expected = (struct attestation_expected){
        .nonce = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", .vault = "1"};
    assert_true(attestation_bind(&ret->expected, machine_key, &binding));
    ret->creation = statement(TPM2_ST_ATTEST_CREATION, binding.qualifying);
    ret->creation.attested.creation.objectName = forge_name(&ret->ak);
    digest = &ret->creation.attested.creation.creationHash;
    digest->size = 32;
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, creation_data,
                                  sizeof creation_data, digest->buffer, NULL),
                     1);
    ret->certify = statement(TPM2_ST_ATTEST_CERTIFY, binding.qualifying);
    ret->certify.attested.certify.name = forge_name(&ret->machine);
    ret->quote = statement(TPM2_ST_ATTEST_QUOTE, binding.qualifying);
    ret->quote.attested.quote.pcrSelect = (TPML_PCR_SELECTION){
        .count = 1,
        .pcrSelections = {
            {.hash = TPM2_ALG_SHA256, .sizeofSelect = 3, .pcrSelect = {0x81}}}};
    digest = &ret->quote.attested.quote.pcrDigest;
    digest->size = 32;
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, ret->values,
                                  sizeof ret->values, digest->buffer, NULL),
                     1);
}

static json_t *
forge(const struct forgery *forgery)
{
    static const uint8_t secret[32] = {0};
    json_t *json = json_pack("{s:s,s:{},s:{},s:{}}", "nonce",
                             forgery->expected.nonce, "creation", "machine",
                             "quote");
    json_t *values = json_array();

    assert_non_null(json);
    tpm_set(json, "secret", secret, sizeof secret);
    forge_statement(json_object_get(json, "creation"), &forgery->creation,
                    ak_key);
    tpm_set(json_object_get(json, "creation"), "data", creation_data,
            sizeof creation_data);
    forge_statement(json_object_get(json, "machine"), &forgery->certify,
                    ak_key);
    forge_set_area(json_object_get(json, "machine"), "public",
                   &forgery->machine);
    forge_statement(json_object_get(json, "quote"), &forgery->quote, ak_key);
    for (unsigned i = 0; i < 2; i++) {
        char *text = encoding_base64url(forgery->values[i], 32);

        assert_int_equal(json_array_append_new(values, json_string(text)), 0);
        free(text);
    }
    assert_int_equal(
        json_object_set_new(json_object_get(json, "quote"), "values", values),
        0);
    return json;
}

/* SAYS is "" where it is to be accepted. */
static void
examine(const struct forgery *forgery, const char *says)
{
    TPMT_PUBLIC ek = tpm_template_ek[TPM_P256].publicArea;
    struct attestation_fault fault = {.sentence = ""};
    struct attestation_result result;
    struct attestation_offer *offer;
    json_t *evidence = forge(forgery);
    json_t *json;
    bool good;

    forge_put_key(&ek, ek_key);
    json = forge_offer(&ek, &forgery->ak);
    assert_int_equal(
        json_object_set_new(json, "pcrs", json_pack("[i,i]", 0, 7)), 0);
    offer = attestation_offer_read(json, &fault);
    assert_non_null(offer);
    good = attestation_check(offer, evidence, &forgery->expected, &result,
                             &fault);
    if (good != (says[0] == '\0') || strstr(fault.sentence, says) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", says, fault.sentence);
    assert_true(good || fault.kind == ATTESTATION_FAULT_EVIDENCE);
    attestation_offer_free(offer);
    json_decref(json);
    json_decref(evidence);
}

/* --- refused --- */

/* The three statements have one reader. */
static void
refuses_what_no_tpm_generated(void **state)
{
    struct forgery forgery;

    (void)state;
    prepare(&forgery);
    forgery.creation.magic = 0;
    examine(&forgery, "the creation statement was not made by a TPM");
    prepare(&forgery);
    forgery.certify.magic ^= 1;
    examine(&forgery, "the machine key's statement was not made by a TPM");
    prepare(&forgery);
    forgery.quote.magic ^= 1;
    examine(&forgery, "the quote was not made by a TPM");
}

static void
refuses_what_is_bound_to_something_else(void **state)
{
    struct forgery forgery;

    (void)state;
    prepare(&forgery);
    forgery.creation.extraData.buffer[31] ^= 1;
    examine(&forgery, "the creation statement is bound to another");
    prepare(&forgery);
    forgery.certify.extraData.size = 31;
    examine(&forgery, "the machine key's statement is bound to another");
    prepare(&forgery);
    forgery.quote.extraData.buffer[0] ^= 1;
    examine(&forgery, "the quote is bound to another");
}

static void
refuses_an_ak_that_was_not_created(void **state)
{
    struct forgery forgery;

    (void)state;
    prepare(&forgery);
    forgery.creation.attested.creation.objectName = forge_name(
        &forgery.machine);
    examine(&forgery, "the creation statement is about another key");
    prepare(&forgery);
    forgery.creation.attested.creation.creationHash.buffer[0] ^= 1;
    examine(&forgery, "the creation data are not those of the creation");
    forgery.creation.attested.creation.creationHash.size = 0;
    examine(&forgery, "the creation data are not those of the creation");
}

static void
refuses_another_key_than_is_certified(void **state)
{
    struct forgery forgery;

    (void)state;
    prepare(&forgery);
    forgery.certify.attested.certify.name = forge_name(&forgery.ak);
    examine(&forgery, "the machine key's statement is about another key");
    forgery.certify.attested.certify.name.size = 0;
    examine(&forgery, "the machine key's statement is about another key");
}

static const struct {
    TPMA_OBJECT bit;
    const char *says;
} machine_bits[] = {
    {TPMA_OBJECT_FIXEDTPM, "fixedTPM is not set"},
    {TPMA_OBJECT_FIXEDPARENT, "fixedParent is not set"},
    {TPMA_OBJECT_SENSITIVEDATAORIGIN, "sensitiveDataOrigin is not set"},
    {TPMA_OBJECT_SIGN_ENCRYPT, "sign is not set"},
    {TPMA_OBJECT_RESTRICTED, "restricted is set"},
};

static void
refuses_31_combinations_of_the_machines_attributes(void **state)
{
    const size_t count = sizeof machine_bits / sizeof *machine_bits;

    (void)state;
    for (unsigned wrong = 1; wrong < 1U << count; wrong++) {
        struct forgery forgery;
        size_t first = count;

        prepare(&forgery);
        for (size_t i = count; i-- > 0;)
            if ((wrong >> i & 1) != 0) {
                forgery.machine.objectAttributes ^= machine_bits[i].bit;
                first = i;
            }
        forgery.certify.attested.certify.name = forge_name(&forgery.machine);
        examine(&forgery, machine_bits[first].says);
    }
}

static void
refuses_a_machine_key_of_another_kind(void **state)
{
    EVP_PKEY *other = EVP_EC_gen("P-384");
    struct forgery forgery;

    (void)state;
    assert_non_null(other);
    prepare(&forgery);
    forgery.machine.parameters.eccDetail.curveID = TPM2_ECC_NIST_P384;
    forge_put_key(&forgery.machine, other);
    examine(&forgery, "the machine's key is neither on P-256 nor RSA-2048");
    EVP_PKEY_free(other);
}

static void
refuses_a_quote_of_something_else(void **state)
{
    struct forgery forgery;
    TPMS_PCR_SELECTION *bank =
        forgery.quote.attested.quote.pcrSelect.pcrSelections;

    (void)state;
    prepare(&forgery);
    bank->pcrSelect[0] = 0x80;
    examine(&forgery, "the quote is of other PCRs");
    bank->pcrSelect[0] = 0x81;
    bank->hash = TPM2_ALG_SHA1;
    examine(&forgery, "the quote is of other PCRs");
    prepare(&forgery);
    forgery.quote.attested.quote.pcrSelect.count = 2;
    bank[1] = bank[0];
    examine(&forgery, "the quote is of other PCRs");
    forgery.quote.attested.quote.pcrSelect.count = 0;
    examine(&forgery, "the quote is of other PCRs");
    prepare(&forgery);
    bank->sizeofSelect = 4;
    bank->pcrSelect[3] = 1;
    examine(&forgery, "the quote is of other PCRs");
    prepare(&forgery);
    forgery.values[1][0] = 1;
    examine(&forgery, "the quote's values are not those that were quoted");
}

/* --- accepted --- */

/* Otherwise each refusal above could be for another reason. */
static void
would_take_it_from_a_tpm(void **state)
{
    struct forgery forgery;

    (void)state;
    prepare(&forgery);
    examine(&forgery, "");
}

static int
set_up(void **state)
{
    (void)state;
    ek_key = EVP_EC_gen("P-256");
    ak_key = EVP_EC_gen("P-256");
    machine_key = EVP_EC_gen("P-256");
    return ek_key != NULL && ak_key != NULL && machine_key != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(ek_key);
    EVP_PKEY_free(ak_key);
    EVP_PKEY_free(machine_key);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_no_tpm_generated),
        cmocka_unit_test(refuses_what_is_bound_to_something_else),
        cmocka_unit_test(refuses_an_ak_that_was_not_created),
        cmocka_unit_test(refuses_another_key_than_is_certified),
        cmocka_unit_test(refuses_31_combinations_of_the_machines_attributes),
        cmocka_unit_test(refuses_a_machine_key_of_another_kind),
        cmocka_unit_test(refuses_a_quote_of_something_else),
        cmocka_unit_test(would_take_it_from_a_tpm),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
