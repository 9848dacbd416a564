/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/store/material.h: PKCS#8 read in place, whatever its bytes are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "tests/unit/keystore/credential/der_writer.h"
#include "tests/unit/keystore/credential/fixture.h"
#include "keystore/store/material.h"

#define ARENA (1024 * 1024)

static struct {
    EVP_PKEY *rsa, *p256, *p384;
} keys;

/* Whatever a byte is turned into, no number may reach outside. */
static void
check_inside(const struct material_number *number,
             const struct fixture_bytes *der)
{
    if (number->length == 0)
        return;
    assert_true(number->bytes >= der->bytes);
    assert_true(number->bytes + number->length <= der->bytes + der->length);
}

static void
check_number(EVP_PKEY *key, const char *name,
             const struct material_number *number)
{
    BIGNUM *expected = NULL;
    BIGNUM *found = BN_bin2bn(number->bytes, (int)number->length, NULL);

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &expected), 1);
    assert_int_equal(BN_cmp(expected, found), 0);
    BN_clear_free(expected);
    BN_clear_free(found);
}

static void
truncated_key_is_refused_at_every_byte(void **state)
{
    struct fixture_bytes der = fixture_pkcs8(keys.rsa);
    struct material material;

    (void)state;
    for (size_t i = 0; i < der.length; i++)
        assert_int_equal(material_parse(der.bytes, i, &material, NULL),
                         KS_ERR_CRED_FORMAT);
    fixture_free(&der);
}

static void
bytes_behind_the_key_are_refused(void **state)
{
    struct fixture_bytes der = fixture_pkcs8(keys.p256);
    struct material material;
    uint8_t longer[512] = {0};

    (void)state;
    memcpy(longer, der.bytes, der.length);
    assert_int_equal(material_parse(longer, der.length, &material, NULL),
                     KS_OK);
    assert_int_equal(material_parse(longer, der.length + 1, &material, NULL),
                     KS_ERR_CRED_FORMAT);
    fixture_free(&der);
}

static void
no_altered_byte_leads_outside(void **state)
{
    struct fixture_bytes der = fixture_pkcs8(keys.rsa);

    (void)state;
    for (size_t i = 0; i < der.length; i++) {
        for (unsigned bit = 1; bit < 0x100; bit <<= 1) {
            struct material material = {0};

            der.bytes[i] ^= (uint8_t)bit;
            if (material_parse(der.bytes, der.length, &material, NULL) ==
                KS_OK) {
                check_inside(&material.n, &der);
                check_inside(&material.d, &der);
                check_inside(&material.qi, &der);
            } else {
                assert_null(material.n.bytes);
            }
            der.bytes[i] ^= (uint8_t)bit;
        }
    }
    fixture_free(&der);
}

static void
not_der_is_refused(void **state)
{
    /* a length in more bytes than needed, an indefinite one, none */
    static const uint8_t long_form[] = {0x30, 0x81, 0x03, 0x02, 0x01, 0x00};
    static const uint8_t leading_zero[] = {0x30, 0x82, 0x00, 0x03,
                                           0x02, 0x01, 0x00};
    static const uint8_t indefinite[] = {0x30, 0x80, 0x02, 0x01,
                                         0x00, 0x00, 0x00};
    static const uint8_t huge[] = {0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00};
    struct material material;

    (void)state;
    assert_int_equal(
        material_parse(long_form, sizeof long_form, &material, NULL),
        KS_ERR_CRED_FORMAT);
    assert_int_equal(
        material_parse(leading_zero, sizeof leading_zero, &material, NULL),
        KS_ERR_CRED_FORMAT);
    assert_int_equal(
        material_parse(indefinite, sizeof indefinite, &material, NULL),
        KS_ERR_CRED_FORMAT);
    assert_int_equal(material_parse(huge, sizeof huge, &material, NULL),
                     KS_ERR_CRED_FORMAT);
    assert_int_equal(material_parse(huge, 0, &material, NULL),
                     KS_ERR_CRED_FORMAT);
}

static void
foreign_kind_of_key_is_weak(void **state)
{
    static const char *const kinds[] = {"RSA-1024", FIXTURE_FOREIGN_CURVE,
                                        "P-224", "ED25519"};
    struct material material;

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        EVP_PKEY *key = fixture_key(kinds[i]);
        struct fixture_bytes der = fixture_pkcs8(key);

        assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                         KS_ERR_CRED_WEAK);
        fixture_free(&der);
        EVP_PKEY_free(key);
    }
}

static void
pss_only_key_is_weak(void **state)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *key = NULL;
    struct fixture_bytes der;
    struct material material;

    (void)state;
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    der = fixture_pkcs8(key);
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_ERR_CRED_WEAK);
    fixture_free(&der);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
}

static void
rsa_numbers_are_the_keys(void **state)
{
    struct fixture_bytes der = fixture_pkcs8(keys.rsa);
    struct material material;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_OK);
    assert_int_equal(material.type, MATERIAL_RSA);
    assert_int_equal(material.bits, 2048);
    check_number(keys.rsa, der_writer_names[N], &material.n);
    check_number(keys.rsa, der_writer_names[E], &material.e);
    check_number(keys.rsa, der_writer_names[D], &material.d);
    check_number(keys.rsa, der_writer_names[P], &material.p);
    check_number(keys.rsa, der_writer_names[Q], &material.q);
    check_number(keys.rsa, der_writer_names[DP], &material.dp);
    check_number(keys.rsa, der_writer_names[DQ], &material.dq);
    check_number(keys.rsa, der_writer_names[QI], &material.qi);
    assert_int_equal(material.n.length, 256);
    check_inside(&material.n, &der);
    fixture_free(&der);
}

static void
scalars_are_the_keys(void **state)
{
    const struct {
        EVP_PKEY *key;
        enum material_type type;
        unsigned bits;
    } cases[] = {{keys.p256, MATERIAL_P256, 256},
                 {keys.p384, MATERIAL_P384, 384}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture_bytes der = fixture_pkcs8(cases[i].key);
        struct material material;

        assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                         KS_OK);
        assert_int_equal(material.type, cases[i].type);
        assert_int_equal(material.bits, cases[i].bits);
        assert_int_equal(material.scalar.length, cases[i].bits / 8);
        check_number(cases[i].key, OSSL_PKEY_PARAM_PRIV_KEY, &material.scalar);
        fixture_free(&der);
    }
}

static void
cause_says_what_was_wrong(void **state)
{
    struct err_cause cause = {""};
    struct material material;

    (void)state;
    assert_int_equal(material_parse((const uint8_t *)"", 0, &material, &cause),
                     KS_ERR_CRED_FORMAT);
    assert_string_equal(cause.text, "private key: not a PKCS#8 PrivateKeyInfo");
}

static int
make_keys(void **state)
{
    (void)state;
    keys.rsa = fixture_key("RSA-2048");
    keys.p256 = fixture_key("P-256");
    keys.p384 = fixture_key("P-384");
    return 0;
}

static int
free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(keys.rsa);
    EVP_PKEY_free(keys.p256);
    EVP_PKEY_free(keys.p384);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncated_key_is_refused_at_every_byte),
        cmocka_unit_test(bytes_behind_the_key_are_refused),
        cmocka_unit_test(no_altered_byte_leads_outside),
        cmocka_unit_test(not_der_is_refused),
        cmocka_unit_test(foreign_kind_of_key_is_weak),
        cmocka_unit_test(pss_only_key_is_weak),
        cmocka_unit_test(rsa_numbers_are_the_keys),
        cmocka_unit_test(scalars_are_the_keys),
        cmocka_unit_test(cause_says_what_was_wrong),
    };
    struct err_cause cause = {""};

    if (secret_init(ARENA, &cause) != KS_OK) {
        (void)fprintf(stderr, "secret_init: %s\n", cause.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
