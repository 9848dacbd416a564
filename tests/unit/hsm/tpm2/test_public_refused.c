/* SPDX-License-Identifier: Apache-2.0 */
/* Public areas that are none of a key of ours, and keys that no TPM takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "hsm/tpm2/public.h"

static EVP_PKEY *rsa, *p256;

static void
fill(enum material_type type, TPM2B_PUBLIC *ret)
{
    tpm2_public_template(type, 2048, false, false, ret);
    assert_int_equal(
        tpm2_public_fill(ret, type == MATERIAL_RSA ? rsa : p256, NULL), KS_OK);
}

static EVP_PKEY *
make_rsa(unsigned long exponent)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *e = BN_new();
    EVP_PKEY *key = NULL;

    assert_int_equal(BN_set_word(e, exponent), 1);
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e), 1);
    assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
    BN_free(e);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static void
exponents_that_tpms_do_not_take_are_refused(void **state)
{
    static const unsigned long exponents[] = {3, 17, 65539};

    (void)state;
    for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
        EVP_PKEY *key = make_rsa(exponents[i]);
        struct err_cause cause = {.text = ""};
        TPM2B_PUBLIC area;

        tpm2_public_template(MATERIAL_RSA, 2048, false, false, &area);
        assert_int_equal(tpm2_public_fill(&area, key, &cause),
                         KS_ERR_TOKEN_UNSUPPORTED);
        assert_non_null(strstr(cause.text, "65537"));
        assert_int_equal(area.publicArea.unique.rsa.size, 0);
        EVP_PKEY_free(key);
    }
}

/* What a file or a TPM may say instead of a key. */
static void
other_algorithm(TPMT_PUBLIC *area)
{
    area->type = TPM2_ALG_KEYEDHASH;
}

static void
other_curve(TPMT_PUBLIC *area)
{
    area->parameters.eccDetail.curveID = TPM2_ECC_NIST_P521;
}

static void
curve_of_another_length(TPMT_PUBLIC *area)
{
    area->parameters.eccDetail.curveID = TPM2_ECC_NIST_P384;
}

static void
longer_coordinate(TPMT_PUBLIC *area)
{
    area->unique.ecc.x.size = 33;
}

static void
no_point(TPMT_PUBLIC *area)
{
    area->unique.ecc.x.size = area->unique.ecc.y.size = 0;
}

static void
beside_the_curve(TPMT_PUBLIC *area)
{
    area->unique.ecc.y.buffer[31] ^= 1;
}

static void
other_exponent(TPMT_PUBLIC *area)
{
    area->parameters.rsaDetail.exponent = 3;
}

static void
no_modulus(TPMT_PUBLIC *area)
{
    area->unique.rsa.size = 0;
}

static void
short_modulus(TPMT_PUBLIC *area)
{
    area->unique.rsa.size = 128;
}

static void
even_modulus(TPMT_PUBLIC *area)
{
    area->unique.rsa.buffer[255] ^= 1;
}

static void
foreign_areas_are_refused(void **state)
{
    static const struct {
        enum material_type type;
        void (*spoil)(TPMT_PUBLIC *area);
        enum ks_err wanted;
    } areas[] = {
        {MATERIAL_RSA, other_algorithm, KS_ERR_KEY_OTHER},
        {MATERIAL_RSA, other_exponent, KS_ERR_KEY_OTHER},
        {MATERIAL_RSA, no_modulus, KS_ERR_KEY_OTHER},
        {MATERIAL_RSA, short_modulus, KS_ERR_KEY_OTHER},
        {MATERIAL_RSA, even_modulus, KS_ERR_KEY_OTHER},
        {MATERIAL_P256, other_algorithm, KS_ERR_KEY_OTHER},
        {MATERIAL_P256, other_curve, KS_ERR_KEY_OTHER},
        {MATERIAL_P256, curve_of_another_length, KS_ERR_TOKEN_FAILED},
        {MATERIAL_P256, longer_coordinate, KS_ERR_KEY_OTHER},
        {MATERIAL_P256, no_point, KS_ERR_TOKEN_FAILED},
        {MATERIAL_P256, beside_the_curve, KS_ERR_TOKEN_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++) {
        enum material_type type = MATERIAL__MAX;
        struct err_cause cause = {.text = ""};
        EVP_PKEY *key = NULL;
        TPM2B_PUBLIC area;
        enum ks_err rc;

        fill(areas[i].type, &area);
        areas[i].spoil(&area.publicArea);
        rc = tpm2_public_read(&area, &type, &key, &cause);
        if (rc != areas[i].wanted)
            fail_msg("%zu: %s: %s", i, err_name(rc), cause.text);
        assert_true(strlen(cause.text) > 0);
        assert_null(key);
        assert_int_equal(type, MATERIAL__MAX);
    }
}

static void
names_by_other_hashes_are_refused(void **state)
{
    TPM2B_PUBLIC area;
    TPM2B_NAME name = {.size = 0};

    (void)state;
    fill(MATERIAL_P256, &area);
    area.publicArea.nameAlg = TPM2_ALG_SHA384;
    assert_int_equal(tpm2_public_name(&area, &name, NULL), KS_ERR_KEY_OTHER);
    area.publicArea.nameAlg = TPM2_ALG_NULL;
    assert_int_equal(tpm2_public_name(&area, &name, NULL), KS_ERR_KEY_OTHER);
    assert_int_equal(name.size, 0);
    /* and nothing is equal to a Name that is none */
    assert_false(tpm2_public_same_name(&name, &name));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponents_that_tpms_do_not_take_are_refused),
        cmocka_unit_test(foreign_areas_are_refused),
        cmocka_unit_test(names_by_other_hashes_are_refused),
    };
    int failed;

    rsa = EVP_RSA_gen(2048);
    p256 = EVP_EC_gen("P-256");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    return failed;
}
