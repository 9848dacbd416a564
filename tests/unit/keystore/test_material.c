/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/material.h: PKCS#8 read in place and compared with public keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "fixture.h"
#include "keystore/material.h"

#define ARENA (1024 * 1024)
#define DER_MAX 8192

static struct {
    EVP_PKEY *rsa, *other_rsa, *p256, *p384;
} keys;

/* DER written by hand, so that it can be wrong in one place. */
struct writer {
    uint8_t bytes[DER_MAX];
    size_t length;
};

static void
put_bytes(struct writer *writer, const void *bytes, size_t length)
{
    assert_true(writer->length + length <= sizeof writer->bytes);
    memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
}

/* TAG is 0x30, 0xa0 and so on, of a number below 31. */
static void
put(struct writer *writer, uint8_t tag, const void *content, size_t length)
{
    uint8_t head[8] = {0};
    unsigned char *cursor = head;

    ASN1_put_object(&cursor, (tag & 0x20) != 0, (int)length, tag & 0x1f,
                    tag & 0xc0);
    put_bytes(writer, head, (size_t)(cursor - head));
    put_bytes(writer, content, length);
}

static void
put_number(struct writer *writer, const BIGNUM *number)
{
    uint8_t bytes[1024] = {0};
    int length = BN_num_bytes(number);
    bool sign = BN_num_bits(number) % 8 == 0;

    assert_int_equal(BN_bn2binpad(number, bytes + sign, length), length);
    put(writer, 0x02, bytes, (size_t)length + sign);
}

enum { N, E, D, P, Q, DP, DQ, QI, NUMBERS };

static const char *const number_names[] = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static const uint8_t rsa_algorithm[] = {0x06, 0x09, 0x2a, 0x86, 0x48,
                                        0x86, 0xf7, 0x0d, 0x01, 0x01,
                                        0x01, 0x05, 0x00};
static const uint8_t p256_algorithm[] = {
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

struct pkcs8 {
    uint8_t version;
    const void *algorithm;
    size_t algorithm_length;
    const void *key; /* content of the octet string */
    size_t key_length;
    const void *tail; /* behind it, inside */
    size_t tail_length;
};

static struct writer
pkcs8(const struct pkcs8 *from)
{
    struct writer inner = {.length = 0};
    struct writer ret = {.length = 0};

    put(&inner, 0x02, &from->version, 1);
    put(&inner, 0x30, from->algorithm, from->algorithm_length);
    put(&inner, 0x04, from->key, from->key_length);
    put_bytes(&inner, from->tail, from->tail_length);
    put(&ret, 0x30, inner.bytes, inner.length);
    return ret;
}

/* RSAPrivateKey of the numbers of KEY, one of them replaced */
static struct writer
rsa_key(EVP_PKEY *key, uint8_t version, int which, const BIGNUM *other)
{
    struct writer inner = {.length = 0};
    struct writer ret = {.length = 0};

    put(&inner, 0x02, &version, 1);
    for (int i = 0; i < NUMBERS; i++) {
        BIGNUM *number = NULL;

        assert_int_equal(EVP_PKEY_get_bn_param(key, number_names[i], &number),
                         1);
        put_number(&inner, i == which ? other : number);
        BN_clear_free(number);
    }
    put(&ret, 0x30, inner.bytes, inner.length);
    return ret;
}

static enum ks_err
parse_rsa(const struct writer *key, struct material *ret)
{
    struct pkcs8 plain = {.algorithm = rsa_algorithm,
                          .algorithm_length = sizeof rsa_algorithm,
                          .key = key->bytes,
                          .key_length = key->length};
    struct writer der = pkcs8(&plain);

    return material_parse(der.bytes, der.length, ret, NULL);
}

static enum ks_err
parse_with(int which, const BIGNUM *number)
{
    struct material material;
    struct writer key = rsa_key(keys.rsa, 0, which, number);

    return parse_rsa(&key, &material);
}

static enum ks_err
parse_with_word(int which, BN_ULONG word)
{
    BIGNUM *number = BN_new();
    enum ks_err rc;

    assert_int_equal(BN_set_word(number, word), 1);
    rc = parse_with(which, number);
    BN_free(number);
    return rc;
}

/* A number of BITS bits whose last one is ODD */
static enum ks_err
parse_with_bits(int which, int bits, bool odd)
{
    BIGNUM *number = BN_new();
    enum ks_err rc;

    assert_int_equal(BN_set_bit(number, bits - 1), 1);
    assert_int_equal(BN_add_word(number, odd), 1);
    rc = parse_with(which, number);
    BN_free(number);
    return rc;
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
    static const char *const kinds[] = {"RSA-1024", "P-521", "P-224",
                                        "ED25519"};
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
bad_exponent_is_weak(void **state)
{
    (void)state;
    assert_int_equal(parse_with_word(E, 1), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_with_word(E, 3), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_with_word(E, 65535), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_with_word(E, 65538), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_with_bits(E, 264, true), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_with_word(E, 65539), KS_OK);
}

static void
bad_modulus_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse_with_bits(N, 2047, true), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_with_bits(N, 4097, true), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_with_bits(N, 2048, false), KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_with_bits(N, 2048, true), KS_OK);
}

static void
bad_private_number_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse_with_bits(P, 1024, false), KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_with_bits(Q, 1024, false), KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_with_bits(D, 2048, false), KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_with_bits(D, 2056, true), KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_with_bits(P, 1032, true), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_with_bits(QI, 1032, true), KS_ERR_CRED_WEAK);
}

static void
other_version_is_refused(void **state)
{
    struct writer good = rsa_key(keys.rsa, 0, -1, NULL);
    struct writer three_primes = rsa_key(keys.rsa, 1, -1, NULL);
    struct pkcs8 newer = {.version = 1,
                          .algorithm = rsa_algorithm,
                          .algorithm_length = sizeof rsa_algorithm,
                          .key = good.bytes,
                          .key_length = good.length};
    struct writer der = pkcs8(&newer);
    struct material material;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_rsa(&three_primes, &material), KS_ERR_CRED_WEAK);
    assert_int_equal(parse_rsa(&good, &material), KS_OK);
}

static void
rsa_with_other_parameters_is_refused(void **state)
{
    struct writer key = rsa_key(keys.rsa, 0, -1, NULL);
    struct pkcs8 without = {.algorithm = rsa_algorithm,
                            .algorithm_length = sizeof rsa_algorithm - 2,
                            .key = key.bytes,
                            .key_length = key.length};
    struct writer der = pkcs8(&without);
    struct material material;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_ERR_CRED_FORMAT);
}

/* ECPrivateKey of VERSION with LENGTH bytes of scalar and TAIL */
static enum ks_err
parse_p256(uint8_t version, size_t length, const void *tail, size_t tail_length)
{
    uint8_t scalar[64] = {1, 2, 3, 4};
    struct writer inner = {.length = 0};
    struct writer key = {.length = 0};
    struct pkcs8 plain = {.algorithm = p256_algorithm,
                          .algorithm_length = sizeof p256_algorithm};
    struct writer der;
    struct material material;

    put(&inner, 0x02, &version, 1);
    put(&inner, 0x04, scalar, length);
    put_bytes(&inner, tail, tail_length);
    put(&key, 0x30, inner.bytes, inner.length);
    plain.key = key.bytes;
    plain.key_length = key.length;
    der = pkcs8(&plain);
    return material_parse(der.bytes, der.length, &material, NULL);
}

static void
malformed_ec_key_is_refused(void **state)
{
    static const uint8_t same_curve[] = {0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                         0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const uint8_t other_curve[] = {0xa0, 0x07, 0x06, 0x05, 0x2b,
                                          0x81, 0x04, 0x00, 0x22};
    static const uint8_t point[] = {0xa1, 0x04, 0x03, 0x02, 0x00, 0x04};
    static const uint8_t no_point[] = {0xa1, 0x03, 0x04, 0x01, 0x04};

    (void)state;
    assert_int_equal(parse_p256(1, 32, "", 0), KS_OK);
    assert_int_equal(parse_p256(1, 32, same_curve, sizeof same_curve), KS_OK);
    assert_int_equal(parse_p256(1, 32, point, sizeof point), KS_OK);
    assert_int_equal(parse_p256(0, 32, "", 0), KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_p256(1, 31, "", 0), KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_p256(1, 33, "", 0), KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_p256(1, 32, other_curve, sizeof other_curve),
                     KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_p256(1, 32, no_point, sizeof no_point),
                     KS_ERR_CRED_FORMAT);
    assert_int_equal(parse_p256(1, 32, "\0", 1), KS_ERR_CRED_FORMAT);
}

static void
attributes_are_passed_over(void **state)
{
    static const uint8_t attributes[] = {0xa0, 0x00};
    static const uint8_t other[] = {0xa1, 0x00};
    struct writer key = rsa_key(keys.rsa, 0, -1, NULL);
    struct pkcs8 with = {.algorithm = rsa_algorithm,
                         .algorithm_length = sizeof rsa_algorithm,
                         .key = key.bytes,
                         .key_length = key.length,
                         .tail = attributes,
                         .tail_length = sizeof attributes};
    struct writer der = pkcs8(&with);
    struct material material;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_OK);
    with.tail = other;
    der = pkcs8(&with);
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_ERR_CRED_FORMAT);
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
rsa_numbers_are_the_keys(void **state)
{
    struct fixture_bytes der = fixture_pkcs8(keys.rsa);
    struct material material;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_OK);
    assert_int_equal(material.type, MATERIAL_RSA);
    assert_int_equal(material.bits, 2048);
    check_number(keys.rsa, number_names[N], &material.n);
    check_number(keys.rsa, number_names[E], &material.e);
    check_number(keys.rsa, number_names[D], &material.d);
    check_number(keys.rsa, number_names[P], &material.p);
    check_number(keys.rsa, number_names[Q], &material.q);
    check_number(keys.rsa, number_names[DP], &material.dp);
    check_number(keys.rsa, number_names[DQ], &material.dq);
    check_number(keys.rsa, number_names[QI], &material.qi);
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
every_key_matches_itself_alone(void **state)
{
    EVP_PKEY *all[] = {keys.rsa, keys.other_rsa, keys.p256, keys.p384};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fixture_bytes der = fixture_pkcs8(all[i]);
        struct material material;

        assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                         KS_OK);
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(material_match(&material, all[j], NULL),
                             i == j ? KS_OK : KS_ERR_CRED_MISMATCH);
        fixture_free(&der);
    }
}

/* The public numbers agree, a private one does not. */
static void
inconsistent_rsa_numbers_do_not_match(void **state)
{
    (void)state;
    for (int which = D; which < NUMBERS; which++) {
        struct fixture_bytes der = fixture_pkcs8(keys.rsa);
        struct material material;
        const struct material_number *numbers[] = {
            [D] = &material.d,   [P] = &material.p,   [Q] = &material.q,
            [DP] = &material.dp, [DQ] = &material.dq, [QI] = &material.qi};
        size_t last;

        assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                         KS_OK);
        assert_int_equal(material_match(&material, keys.rsa, NULL), KS_OK);
        last = (size_t)(numbers[which]->bytes - der.bytes) +
               numbers[which]->length - 1;
        der.bytes[last] ^= 0x04;
        assert_int_equal(material_match(&material, keys.rsa, NULL),
                         KS_ERR_CRED_MISMATCH);
        fixture_free(&der);
    }
}

static void
scalar_outside_the_group_does_not_match(void **state)
{
    struct fixture_bytes der = fixture_pkcs8(keys.p256);
    struct material material;
    uint8_t *scalar;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_OK);
    scalar = der.bytes + (material.scalar.bytes - der.bytes);
    memset(scalar, 0xff, 32);
    assert_int_equal(material_match(&material, keys.p256, NULL),
                     KS_ERR_CRED_MISMATCH);
    memset(scalar, 0, 32);
    assert_int_equal(material_match(&material, keys.p256, NULL),
                     KS_ERR_CRED_MISMATCH);
    fixture_free(&der);
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
    keys.other_rsa = fixture_key("RSA-2048");
    keys.p256 = fixture_key("P-256");
    keys.p384 = fixture_key("P-384");
    return 0;
}

static int
free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(keys.rsa);
    EVP_PKEY_free(keys.other_rsa);
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
        cmocka_unit_test(bad_exponent_is_weak),
        cmocka_unit_test(bad_modulus_is_refused),
        cmocka_unit_test(bad_private_number_is_refused),
        cmocka_unit_test(other_version_is_refused),
        cmocka_unit_test(rsa_with_other_parameters_is_refused),
        cmocka_unit_test(malformed_ec_key_is_refused),
        cmocka_unit_test(inconsistent_rsa_numbers_do_not_match),
        cmocka_unit_test(scalar_outside_the_group_does_not_match),
        cmocka_unit_test(attributes_are_passed_over),
        cmocka_unit_test(rsa_numbers_are_the_keys),
        cmocka_unit_test(scalars_are_the_keys),
        cmocka_unit_test(every_key_matches_itself_alone),
        cmocka_unit_test(cause_says_what_was_wrong),
    };
    struct err_cause cause = {""};

    if (secret_init(ARENA, &cause) != KS_OK) {
        (void)fprintf(stderr, "secret_init: %s\n", cause.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
