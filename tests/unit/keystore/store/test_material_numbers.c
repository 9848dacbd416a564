/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/store/material.h: keys that are well-formed and yet none to accept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "tests/unit/keystore/credential/der_writer.h"
#include "tests/unit/keystore/credential/fixture.h"
#include "keystore/store/material.h"

#define ARENA (1024 * 1024)

static struct {
    EVP_PKEY *rsa;
} keys;

static const uint8_t rsa_algorithm[] = {0x06, 0x09, 0x2a, 0x86, 0x48,
                                        0x86, 0xf7, 0x0d, 0x01, 0x01,
                                        0x01, 0x05, 0x00};
static const uint8_t p256_algorithm[] = {
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

static enum ks_err
parse_rsa(const struct der_writer *key, struct material *ret)
{
    struct der_writer_pkcs8 plain = {.algorithm = rsa_algorithm,
                                     .algorithm_length = sizeof rsa_algorithm,
                                     .key = key->bytes,
                                     .key_length = key->length};
    struct der_writer der = der_writer_pkcs8(&plain);

    return material_parse(der.bytes, der.length, ret, NULL);
}

static enum ks_err
parse_with(int which, const BIGNUM *number)
{
    struct material material;
    struct der_writer key = der_writer_rsa(keys.rsa, 0, which, number);

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

/* ECPrivateKey of VERSION with LENGTH bytes of scalar and TAIL */
static enum ks_err
parse_p256(uint8_t version, size_t length, const void *tail, size_t tail_length)
{
    uint8_t scalar[64] = {1, 2, 3, 4};
    struct der_writer inner = {.length = 0};
    struct der_writer key = {.length = 0};
    struct der_writer_pkcs8 plain = {.algorithm = p256_algorithm,
                                     .algorithm_length = sizeof p256_algorithm};
    struct der_writer der;
    struct material material;

    der_writer_put(&inner, 0x02, &version, 1);
    der_writer_put(&inner, 0x04, scalar, length);
    der_writer_bytes(&inner, tail, tail_length);
    der_writer_put(&key, 0x30, inner.bytes, inner.length);
    plain.key = key.bytes;
    plain.key_length = key.length;
    der = der_writer_pkcs8(&plain);
    return material_parse(der.bytes, der.length, &material, NULL);
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
    struct der_writer good = der_writer_rsa(keys.rsa, 0, -1, NULL);
    struct der_writer three_primes = der_writer_rsa(keys.rsa, 1, -1, NULL);
    struct der_writer_pkcs8 newer = {.version = 1,
                                     .algorithm = rsa_algorithm,
                                     .algorithm_length = sizeof rsa_algorithm,
                                     .key = good.bytes,
                                     .key_length = good.length};
    struct der_writer der = der_writer_pkcs8(&newer);
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
    struct der_writer key = der_writer_rsa(keys.rsa, 0, -1, NULL);
    struct der_writer_pkcs8 without = {
        .algorithm = rsa_algorithm,
        .algorithm_length = sizeof rsa_algorithm - 2,
        .key = key.bytes,
        .key_length = key.length};
    struct der_writer der = der_writer_pkcs8(&without);
    struct material material;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_ERR_CRED_FORMAT);
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
    struct der_writer key = der_writer_rsa(keys.rsa, 0, -1, NULL);
    struct der_writer_pkcs8 with = {.algorithm = rsa_algorithm,
                                    .algorithm_length = sizeof rsa_algorithm,
                                    .key = key.bytes,
                                    .key_length = key.length,
                                    .tail = attributes,
                                    .tail_length = sizeof attributes};
    struct der_writer der = der_writer_pkcs8(&with);
    struct material material;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_OK);
    with.tail = other;
    der = der_writer_pkcs8(&with);
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_ERR_CRED_FORMAT);
}

static int
make_keys(void **state)
{
    (void)state;
    keys.rsa = fixture_key("RSA-2048");
    return 0;
}

static int
free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(keys.rsa);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_exponent_is_weak),
        cmocka_unit_test(bad_modulus_is_refused),
        cmocka_unit_test(bad_private_number_is_refused),
        cmocka_unit_test(other_version_is_refused),
        cmocka_unit_test(rsa_with_other_parameters_is_refused),
        cmocka_unit_test(malformed_ec_key_is_refused),
        cmocka_unit_test(attributes_are_passed_over),
    };
    struct err_cause cause = {""};

    if (secret_init(ARENA, &cause) != KS_OK) {
        (void)fprintf(stderr, "secret_init: %s\n", cause.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
