/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures seen from outside: what has no other form, what does not verify,
 * and how long they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "keystore/store/signature.h"
#include "keystore/store/soft_sign.h"

static const uint8_t digest[KEYSTORE_DIGEST_MAX] = {1, 2, 3};
static EVP_PKEY *rsa, *p256, *p384;

static const struct {
    enum keystore_scheme scheme;
    EVP_PKEY **key;
    size_t length;
} kinds[] = {
    {KEYSTORE_RS256, &rsa, 256},
    {KEYSTORE_PS256, &rsa, 256},
    {KEYSTORE_ES256, &p256, 64},
    {KEYSTORE_ES384, &p384, 96},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

static void
sign(size_t kind, struct keystore_signature *ret)
{
    assert_int_equal(
        soft_sign(*kinds[kind].key, kinds[kind].scheme, digest, ret, NULL),
        KS_OK);
}

static void
ecdsa_of_odd_or_unknown_length_has_no_der(void **state)
{
    uint8_t der[KEYSTORE_SIGNATURE_MAX];
    uint8_t raw[200] = {1};

    (void)state;
    assert_int_equal(signature_ecdsa_der(raw, 63, der), 0);
    assert_int_equal(signature_ecdsa_der(raw, 2 * KEYSTORE_FIELD_MAX + 2, der),
                     0);
    assert_int_equal(signature_ecdsa_der(raw, 200, der), 0);
}

static void
altered_signature_or_digest_is_not_good(void **state)
{
    uint8_t other[KEYSTORE_DIGEST_MAX] = {3, 2, 1};
    struct keystore_signature made;

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        EVP_PKEY *key = *kinds[i].key;
        enum keystore_scheme scheme = kinds[i].scheme;
        size_t length;

        sign(i, &made);
        length = made.length;
        assert_false(signature_is_good(key, scheme, other, &made));
        made.bytes[length] = 0;
        made.length = length + 1;
        assert_false(signature_is_good(key, scheme, digest, &made));
        made.length = length - 1;
        assert_false(signature_is_good(key, scheme, digest, &made));
        made.length = 0;
        assert_false(signature_is_good(key, scheme, digest, &made));
        made.length = length;
        assert_true(signature_is_good(key, scheme, digest, &made));
        made.bytes[length - 1] ^= 1;
        assert_false(signature_is_good(key, scheme, digest, &made));
    }
}

static void
one_scheme_is_not_another(void **state)
{
    static const int others[][3] = {
        [KEYSTORE_RS256] = {KEYSTORE_PS256, KEYSTORE_ES256, 0},
        [KEYSTORE_PS256] = {KEYSTORE_RS256, KEYSTORE_ES256, 0},
        [KEYSTORE_ES256] = {KEYSTORE_RS256, KEYSTORE_SCHEME__MAX, 0},
        [KEYSTORE_ES384] = {KEYSTORE_PS256, KEYSTORE_SCHEME__MAX, 0},
    };
    struct keystore_signature made;

    (void)state;
    for (size_t i = 0; i < KINDS * 3; i++) {
        int other = others[kinds[i / 3].scheme][i % 3];

        sign(i / 3, &made);
        assert_false(signature_is_good(
            *kinds[i / 3].key, (enum keystore_scheme)other, digest, &made));
    }
}

static void
good_signature_has_its_keys_length(void **state)
{
    struct keystore_signature made;

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        sign(i, &made);
        assert_int_equal(made.length, kinds[i].length);
        assert_int_equal(signature_length(*kinds[i].key), made.length);
        assert_true(
            signature_is_good(*kinds[i].key, kinds[i].scheme, digest, &made));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdsa_of_odd_or_unknown_length_has_no_der),
        cmocka_unit_test(altered_signature_or_digest_is_not_good),
        cmocka_unit_test(one_scheme_is_not_another),
        cmocka_unit_test(good_signature_has_its_keys_length),
    };
    int failed;

    rsa = EVP_RSA_gen(2048);
    p256 = EVP_EC_gen("P-256");
    p384 = EVP_EC_gen("P-384");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p384);
    return failed;
}
