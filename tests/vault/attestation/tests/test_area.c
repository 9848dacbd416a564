/* SPDX-License-Identifier: Apache-2.0 */
/* Offers: which EK is an EK and which AK is an AK, before any challenge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/support/own_directory.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/vault/attestation/area.h"
#include "tests/vault/attestation/tests/alter.h"
#include "tests/vault/attestation/tests/forge.h"
#include "tests/vault/attestation/tests/tpm.h"
#include "tests/vault/attestation/tests/tpm_template.h"
#include "tests/vault/attestation/verifier.h"
#include "tests/vault/service/encoding.h"

static EVP_PKEY *key_256;
static EVP_PKEY *key_384;
static EVP_PKEY *key_rsa;

static TPMT_PUBLIC
good_ek(enum tpm_ek kind)
{
    EVP_PKEY *const keys[] = {key_rsa, key_256, key_384};
    TPMT_PUBLIC ek = tpm_template_ek[kind].publicArea;

    forge_put_key(&ek, keys[kind]);
    return ek;
}

static TPMT_PUBLIC
good_ak(void)
{
    TPMT_PUBLIC ak = forge_ak();

    forge_put_key(&ak, key_256);
    return ak;
}

static void
refuse_json(const json_t *json, enum attestation_fault_kind kind,
            const char *says)
{
    struct attestation_fault fault = {.sentence = ""};

    assert_null(attestation_offer_read(json, &fault));
    assert_int_equal(fault.kind, kind);
    if (strstr(fault.sentence, says) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", says, fault.sentence);
}

static void
refuse_ek(const TPMT_PUBLIC *ek, const char *says)
{
    const TPMT_PUBLIC ak = good_ak();
    json_t *json = forge_offer(ek, &ak);

    refuse_json(json, ATTESTATION_FAULT_ENDORSEMENT, says);
    json_decref(json);
}

static void
refuse_ak(const TPMT_PUBLIC *ak, const char *says)
{
    const TPMT_PUBLIC ek = good_ek(TPM_P256);
    json_t *json = forge_offer(&ek, ak);

    refuse_json(json, ATTESTATION_FAULT_EVIDENCE, says);
    json_decref(json);
}

/* --- the AK --- */

static const struct {
    TPMA_OBJECT bit;
    const char *says;
} ak_bits[] = {
    {TPMA_OBJECT_FIXEDTPM, "fixedTPM is not set"},
    {TPMA_OBJECT_FIXEDPARENT, "fixedParent is not set"},
    {TPMA_OBJECT_SENSITIVEDATAORIGIN, "sensitiveDataOrigin is not set"},
    {TPMA_OBJECT_RESTRICTED, "restricted is not set"},
    {TPMA_OBJECT_SIGN_ENCRYPT, "sign is not set"},
    {TPMA_OBJECT_DECRYPT, "decrypt is set"},
};

/* Of the 64 combinations one is an AK, and each other is refused by the first
 * attribute that is wrong. */
static void
refuses_63_combinations_of_attributes(void **state)
{
    const TPMT_PUBLIC ek = good_ek(TPM_P256);
    const size_t count = sizeof ak_bits / sizeof *ak_bits;

    (void)state;
    for (unsigned wrong = 0; wrong < 1U << count; wrong++) {
        struct attestation_fault fault = {.sentence = ""};
        struct attestation_offer *offer;
        TPMT_PUBLIC ak = good_ak();
        size_t first = count;
        json_t *json;

        for (size_t i = count; i-- > 0;)
            if ((wrong >> i & 1) != 0) {
                ak.objectAttributes ^= ak_bits[i].bit;
                first = i;
            }
        json = forge_offer(&ek, &ak);
        offer = attestation_offer_read(json, &fault);
        if (first == count)
            assert_non_null(offer);
        else if (offer != NULL ||
                 strstr(fault.sentence, ak_bits[first].says) == NULL)
            fail_msg("%#x: \"%s\"", ak.objectAttributes, fault.sentence);
        attestation_offer_free(offer);
        json_decref(json);
    }
}

static void
refuses_an_ak_of_another_kind(void **state)
{
    TPMT_PUBLIC ak = good_ak();

    (void)state;
    ak.parameters.eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA1;
    refuse_ak(&ak, "does not sign by ECDSA with SHA-256");
    ak.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
    refuse_ak(&ak, "does not sign by ECDSA with SHA-256");
    ak = good_ak();
    ak.nameAlg = TPM2_ALG_SHA384;
    refuse_ak(&ak, "is named by another hash than SHA-256");
    ak.nameAlg = TPM2_ALG_SHA1;
    refuse_ak(&ak, "is named by another hash than SHA-256 and SHA-384");
    ak = good_ak();
    ak.parameters.eccDetail.curveID = TPM2_ECC_NIST_P384;
    forge_put_key(&ak, key_384);
    refuse_ak(&ak, "the AK is not on P-256");
    ak = tpm_template_rsa(ak.objectAttributes).publicArea;
    forge_put_key(&ak, key_rsa);
    refuse_ak(&ak, "the AK is not on P-256");
    ak = good_ak();
    ak.unique.ecc.y.buffer[31] ^= 1;
    refuse_ak(&ak, "the AK has no point of its curve");
    ak = good_ak();
    ak.parameters.eccDetail.curveID = TPM2_ECC_NIST_P521;
    refuse_ak(&ak, "is on another curve");
}

/* A real one: TPM2_Import lets a restricted signing key in, and its owner has
 * the private half. */
static void
refuses_an_imported_restricted_key(void **state)
{
    struct swtpm *swtpm;
    struct tpm *tpm;
    json_t *offer;

    assert_int_equal(own_directory_make(state), 0);
    swtpm = swtpm_new(directory);
    assert_non_null(swtpm);
    tpm = tpm_new(swtpm_socket(swtpm));
    offer = tpm_offer(tpm, TPM_P256, TPM_IMPORTED, 0);
    refuse_json(offer, ATTESTATION_FAULT_EVIDENCE,
                "the AK was imported or can leave its TPM");
    json_decref(offer);
    tpm_free(tpm);
    swtpm_free(&swtpm);
    assert_int_equal(own_directory_remove(state), 0);
}

/* --- the EK --- */

static void
refuses_an_ek_of_another_template(void **state)
{
    (void)state;
    for (enum tpm_ek kind = TPM_RSA_2048; kind <= TPM_P384; kind++) {
        TPMT_PUBLIC ek = good_ek(kind);

        ek.nameAlg = kind == TPM_P384 ? TPM2_ALG_SHA256 : TPM2_ALG_SHA384;
        refuse_ek(&ek, "the EK is named by another hash");
        for (unsigned i = 0; i < 32; i++) {
            ek = good_ek(kind);
            ek.objectAttributes ^= UINT32_C(1) << i;
            refuse_ek(&ek, "the EK has other attributes");
        }
        ek = good_ek(kind);
        ek.authPolicy.buffer[0] ^= 1;
        refuse_ek(&ek, "the EK has another policy");
        ek.authPolicy.size = 0;
        refuse_ek(&ek, "the EK has another policy");
        ek = good_ek(kind);
        ek.parameters.asymDetail.symmetric.keyBits.aes ^= 128 ^ 256;
        refuse_ek(&ek, "the EK has another cipher or scheme");
        ek = good_ek(kind);
        ek.parameters.asymDetail.symmetric.mode.aes = TPM2_ALG_CTR;
        refuse_ek(&ek, "the EK has another cipher or scheme");
        ek.parameters.asymDetail.symmetric.algorithm = TPM2_ALG_NULL;
        refuse_ek(&ek, "the EK has another cipher or scheme");
    }
}

static void
refuses_a_weak_rsa_ek(void **state)
{
    TPMT_PUBLIC ek = good_ek(TPM_RSA_2048);

    (void)state;
    ek.unique.rsa.buffer[0] = 0;
    refuse_ek(&ek, "the EK has no RSA key of 2048 to 4096 bits");
    ek = good_ek(TPM_RSA_2048);
    ek.unique.rsa.buffer[255] &= 0xfe;
    refuse_ek(&ek, "the EK has no RSA key of 2048 to 4096 bits");
    ek = good_ek(TPM_RSA_2048);
    ek.unique.rsa.size = 128;
    refuse_ek(&ek, "the EK has no RSA key of 2048 to 4096 bits");
    ek = good_ek(TPM_RSA_2048);
    ek.parameters.rsaDetail.exponent = 3;
    refuse_ek(&ek, "the EK has no RSA key of 2048 to 4096 bits");
    ek.parameters.rsaDetail.exponent = 65537;
    refuse_ek(&ek, "the EK has another cipher or scheme");
}

/* --- bytes --- */

/* Every length but the right one, and each kind of thing in an area's place. */
static void
refuses_what_is_no_area(void **state)
{
    const TPMT_PUBLIC ek = good_ek(TPM_P256);
    const TPMT_PUBLIC ak = good_ak();
    json_t *json = forge_offer(&ek, &ak);
    json_t *endorsement = json_object_get(json, "endorsement");
    size_t length = 0;
    const char *text = json_string_value(
        json_object_get(endorsement, "public"));
    uint8_t *bytes = encoding_from_base64url(text, strlen(text), &length);
    uint8_t longer[sizeof(TPMT_PUBLIC) + 1] = {0};

    (void)state;
    assert_non_null(bytes);
    memcpy(longer, bytes, length);
    for (size_t i = 1; i <= length + 1; i++) {
        if (i == length)
            continue;
        tpm_set(endorsement, "public", longer, i);
        refuse_json(json, ATTESTATION_FAULT_ENDORSEMENT,
                    "the EK is not one TPMT_PUBLIC");
    }
    free(bytes);
    for (unsigned i = 0; i < 4; i++) {
        json_t *const wrong[] = {json_integer(1), json_string(""),
                                 json_string("a"), json_string("AA==")};

        assert_int_equal(json_object_set(endorsement, "public", wrong[i]), 0);
        refuse_json(json, ATTESTATION_FAULT_ENDORSEMENT, "the offer has no EK");
        for (unsigned j = 0; j < 4; j++)
            json_decref(wrong[j]);
    }
    json_decref(json);
    refuse_json(NULL, ATTESTATION_FAULT_ENDORSEMENT, "the offer has no EK");
}

/* --- what is right --- */

static void
takes_the_three_templates(void **state)
{
    static const char *const algorithms[] = {"RSA-2048", "P-256", "P-384"};
    EVP_PKEY *const keys[] = {key_rsa, key_256, key_384};
    const TPMT_PUBLIC ak = good_ak();

    (void)state;
    for (enum tpm_ek kind = TPM_RSA_2048; kind <= TPM_P384; kind++) {
        const TPMT_PUBLIC ek = good_ek(kind);
        const TPM2B_NAME name = forge_name(&ak);
        struct attestation_fault fault;
        json_t *json = forge_offer(&ek, &ak);
        struct attestation_offer *offer = attestation_offer_read(json, &fault);
        char hash[ATTESTATION_HEX];
        unsigned char *spki = NULL;
        int spki_length = i2d_PUBKEY(keys[kind], &spki);
        size_t length = 0;

        assert_non_null(offer);
        assert_string_equal(attestation_offer_ek_algorithm(offer),
                            algorithms[kind]);
        assert_true(encoding_hash(spki, (size_t)spki_length, hash));
        assert_string_equal(attestation_offer_ek(offer), hash);
        assert_int_equal(EVP_PKEY_eq(attestation_offer_ak(offer), key_256), 1);
        assert_memory_equal(attestation_offer_ak_name(offer, &length),
                            name.name, name.size);
        assert_int_equal(length, name.size);
        OPENSSL_free(spki);
        attestation_offer_free(offer);
        json_decref(json);
    }
}

static int
set_up(void **state)
{
    (void)state;
    key_256 = EVP_EC_gen("P-256");
    key_384 = EVP_EC_gen("P-384");
    key_rsa = EVP_RSA_gen(2048);
    return key_256 != NULL && key_384 != NULL && key_rsa != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(key_256);
    EVP_PKEY_free(key_384);
    EVP_PKEY_free(key_rsa);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_63_combinations_of_attributes),
        cmocka_unit_test(refuses_an_ak_of_another_kind),
        cmocka_unit_test(refuses_an_imported_restricted_key),
        cmocka_unit_test(refuses_an_ek_of_another_template),
        cmocka_unit_test(refuses_a_weak_rsa_ek),
        cmocka_unit_test(refuses_what_is_no_area),
        cmocka_unit_test(takes_the_three_templates),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
