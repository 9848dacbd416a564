/* SPDX-License-Identifier: Apache-2.0 */
/* Public areas: what they promise, that keys come back out of them, and the
 * Name as the TPM itself computes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <tss2/tss2_esys.h>

#include "hsm/tpm2/connection.h"
#include "hsm/tpm2/public.h"
#include "tests/support/store_fixture.h"

static const enum material_type types[] = {MATERIAL_RSA, MATERIAL_P256,
                                           MATERIAL_P384};
#define TYPES (sizeof types / sizeof types[0])

static EVP_PKEY *keys[TYPES];

static void
fill(size_t i, TPM2B_PUBLIC *ret)
{
    tpm2_public_template(types[i], 2048, false, false, ret);
    assert_int_equal(tpm2_public_fill(ret, keys[i], NULL), KS_OK);
}

static void
assert_attributes(const TPMT_PUBLIC *area, bool born, bool counts)
{
    const TPMA_OBJECT stays = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                              TPMA_OBJECT_SENSITIVEDATAORIGIN;
    TPMA_OBJECT wanted = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT |
                         (born ? stays : 0) | (counts ? 0 : TPMA_OBJECT_NODA);

    assert_int_equal(area->objectAttributes, wanted);
    assert_int_equal(area->nameAlg, TPM2_ALG_SHA256);
    assert_int_equal(area->authPolicy.size, 0);
}

/* Signs and nothing else; imported ones claim no birth in the TPM. */
static void
templates_promise_what_is_true(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPES * 4; i++) {
        bool born = (i / TYPES & 1) != 0;
        bool counts = (i / TYPES & 2) != 0;
        const TPMT_PUBLIC *area;
        TPM2B_PUBLIC made;

        tpm2_public_template(types[i % TYPES], 3072, born, counts, &made);
        area = &made.publicArea;
        assert_attributes(area, born, counts);
        if (types[i % TYPES] == MATERIAL_RSA) {
            assert_int_equal(area->type, TPM2_ALG_RSA);
            assert_int_equal(area->parameters.rsaDetail.keyBits, 3072);
            assert_int_equal(area->parameters.rsaDetail.exponent, 0);
            assert_int_equal(area->parameters.rsaDetail.scheme.scheme,
                             TPM2_ALG_NULL);
        } else {
            assert_int_equal(area->type, TPM2_ALG_ECC);
            assert_int_equal(area->parameters.eccDetail.curveID,
                             types[i % TYPES] == MATERIAL_P256
                                 ? TPM2_ECC_NIST_P256
                                 : TPM2_ECC_NIST_P384);
        }
    }
}

static void
keys_come_back_as_they_went_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPES; i++) {
        enum material_type type = 0;
        EVP_PKEY *key = NULL;
        TPM2B_PUBLIC area;

        fill(i, &area);
        assert_int_equal(tpm2_public_read(&area, &type, &key, NULL), KS_OK);
        assert_int_equal(type, types[i]);
        assert_int_equal(EVP_PKEY_eq(key, keys[i]), 1);
        EVP_PKEY_free(key);
    }
}

/* A key whose x, or y, begins with a zero byte. */
static EVP_PKEY *
make_short(const char *coordinate)
{
    for (unsigned try = 0; try < 100000; try++) {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        BIGNUM *number = NULL;
        int length;

        assert_int_equal(EVP_PKEY_get_bn_param(key, coordinate, &number), 1);
        length = BN_num_bytes(number);
        BN_free(number);
        if (length < 32)
            return key;
        EVP_PKEY_free(key);
    }
    fail_msg("no such key in 100000");
    return NULL;
}

static void
shorten(TPM2B_ECC_PARAMETER *number)
{
    while (number->size > 0 && number->buffer[0] == 0) {
        number->size--;
        memmove(number->buffer, number->buffer + 1, number->size);
    }
}

/* We write the full width; some TPMs leave zero bytes out. */
static void
short_coordinates_are_padded(void **state)
{
    static const char *const coordinates[] = {OSSL_PKEY_PARAM_EC_PUB_X,
                                              OSSL_PKEY_PARAM_EC_PUB_Y};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        EVP_PKEY *key = make_short(coordinates[i]);
        enum material_type type = 0;
        EVP_PKEY *back = NULL;
        TPM2B_PUBLIC area;
        TPMS_ECC_POINT *point = &area.publicArea.unique.ecc;

        tpm2_public_template(MATERIAL_P256, 256, false, false, &area);
        assert_int_equal(tpm2_public_fill(&area, key, NULL), KS_OK);
        assert_int_equal(point->x.size, 32);
        assert_int_equal(point->y.size, 32);
        shorten(&point->x);
        shorten(&point->y);
        assert_true(point->x.size < 32 || point->y.size < 32);
        assert_int_equal(tpm2_public_read(&area, &type, &back, NULL), KS_OK);
        assert_int_equal(EVP_PKEY_eq(key, back), 1);
        EVP_PKEY_free(back);
        EVP_PKEY_free(key);
    }
}

/* Exponent 65537 may be written as 0 or as itself. */
static void
usual_exponent_has_two_forms(void **state)
{
    enum material_type type = 0;
    EVP_PKEY *key = NULL;
    TPM2B_PUBLIC area;

    (void)state;
    fill(0, &area);
    area.publicArea.parameters.rsaDetail.exponent = 65537;
    assert_int_equal(tpm2_public_read(&area, &type, &key, NULL), KS_OK);
    assert_int_equal(EVP_PKEY_eq(key, keys[0]), 1);
    EVP_PKEY_free(key);
}

/* TPM2_LoadExternal takes public areas alone, and says their Names. */
static void
names_are_what_the_tpm_says(void **state)
{
    struct store_fixture *fixture = store_fixture_new("tpm2");
    struct tpm2_connection connection;
    struct tpm2_property property;

    (void)state;
    assert_non_null(fixture);
    assert_int_equal(tpm2_connection_open(store_fixture_uri(fixture),
                                          &connection, &property, NULL),
                     KS_OK);
    for (size_t i = 0; i < TYPES; i++) {
        ESYS_TR object = ESYS_TR_NONE;
        TPM2B_NAME *said = NULL;
        TPM2B_NAME name = {.size = 0};
        TPM2B_PUBLIC area;

        fill(i, &area);
        assert_int_equal(tpm2_public_name(&area, &name, NULL), KS_OK);
        assert_int_equal(Esys_LoadExternal(connection.esys, ESYS_TR_NONE,
                                           ESYS_TR_NONE, ESYS_TR_NONE, NULL,
                                           &area, ESYS_TR_RH_NULL, &object),
                         TSS2_RC_SUCCESS);
        assert_int_equal(Esys_TR_GetName(connection.esys, object, &said),
                         TSS2_RC_SUCCESS);
        assert_true(tpm2_public_same_name(&name, said));
        said->name[said->size - 1] ^= 1;
        assert_false(tpm2_public_same_name(&name, said));
        Esys_Free(said);
        (void)Esys_FlushContext(connection.esys, object);
    }
    tpm2_connection_close(&connection);
    store_fixture_free(&fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_promise_what_is_true),
        cmocka_unit_test(keys_come_back_as_they_went_in),
        cmocka_unit_test(short_coordinates_are_padded),
        cmocka_unit_test(usual_exponent_has_two_forms),
        cmocka_unit_test(names_are_what_the_tpm_says),
    };
    int failed;

    keys[0] = EVP_RSA_gen(2048);
    keys[1] = EVP_EC_gen("P-256");
    keys[2] = EVP_EC_gen("P-384");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < TYPES; i++)
        EVP_PKEY_free(keys[i]);
    return failed;
}
