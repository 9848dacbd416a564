/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys as tokens give them: nothing but a key of a kind that we use may
 * come out, whatever lengths and numbers go in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "hsm/pkcs11/public.h"
#include "tests/unit/hsm/pkcs11/scripted_token.h"

static const uint8_t id[KEYSTORE_ID_LENGTH] = {7};
static const CK_KEY_TYPE rsa = CKK_RSA;
static const CK_KEY_TYPE ec = CKK_EC;
static const CK_KEY_TYPE dsa = CKK_DSA;
static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                               0xce, 0x3d, 0x03, 0x01, 0x07};

static EVP_PKEY *rsa_key;
static EVP_PKEY *ec_key;
static uint8_t modulus[256];
static uint8_t exponent[] = {0x01, 0x00, 0x01};
static uint8_t point[PKCS11_POINT_MAX]; /* in its OCTET STRING */
static size_t point_length;

static void
assert_refused(enum ks_err wanted, const char *says)
{
    struct err_cause cause = {.text = ""};
    struct pkcs11_public public = {.key = NULL};
    enum ks_err rc = pkcs11_public_read(scripted_token(), TOLD_PRIVATE, id,
                                        &public, &cause);

    if (rc != wanted || strstr(cause.text, says) == NULL)
        fail_msg("%s: %s", err_name(rc), cause.text);
    assert_null(public.key);
}

static void
assert_read(enum material_type wanted, EVP_PKEY *as)
{
    struct err_cause cause = {.text = ""};
    struct pkcs11_public public = {.key = NULL};

    if (pkcs11_public_read(scripted_token(), TOLD_PRIVATE, id, &public,
                           &cause) != KS_OK)
        fail_msg("%s", cause.text);
    assert_int_equal(public.type, wanted);
    if (as == NULL)
        assert_null(public.key);
    else
        assert_int_equal(EVP_PKEY_eq(public.key, as), 1);
    EVP_PKEY_free(public.key);
}

static void
set_rsa(const void *n, size_t n_length, const void *e, size_t e_length)
{
    scripted_token_set(&told.private, 0, CKA_KEY_TYPE, &rsa, sizeof rsa);
    scripted_token_set(&told.private, 1, CKA_MODULUS, n, n_length);
    scripted_token_set(&told.private, 2, CKA_PUBLIC_EXPONENT, e, e_length);
}

static void
set_ec(const void *value, size_t length)
{
    scripted_token_set(&told.private, 0, CKA_KEY_TYPE, &ec, sizeof ec);
    scripted_token_set(&told.private, 1, CKA_EC_PARAMS, p256, sizeof p256);
    scripted_token_set(&told.public, 0, CKA_EC_POINT, value, length);
    told.publics = 1;
}

static int
empty_token(void **state)
{
    (void)state;
    scripted_token_clear();
    return 0;
}

static void
other_types_are_refused(void **state)
{
    static const uint8_t p521[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
    static const uint8_t half_a_type[] = {0, 0};

    (void)state;
    assert_refused(KS_ERR_TOKEN_UNSUPPORTED, "C_GetAttributeValue");
    scripted_token_set(&told.private, 0, CKA_KEY_TYPE, &dsa, sizeof dsa);
    assert_refused(KS_ERR_KEY_OTHER, "neither");
    scripted_token_set(&told.private, 0, CKA_KEY_TYPE, &ec, sizeof ec);
    assert_refused(KS_ERR_KEY_OTHER, "neither");
    scripted_token_set(&told.private, 1, CKA_EC_PARAMS, p521, sizeof p521);
    assert_refused(KS_ERR_KEY_OTHER, "neither");
    scripted_token_set(&told.private, 0, CKA_KEY_TYPE, half_a_type,
                       sizeof half_a_type);
    assert_refused(KS_ERR_KEY_OTHER, "neither");
    scripted_token_set(&told.private, 0, CKA_KEY_TYPE, half_a_type, 0);
    assert_refused(KS_ERR_TOKEN_UNSUPPORTED, "no value");
}

static void
points_that_are_none_are_refused(void **state)
{
    uint8_t value[PKCS11_POINT_MAX];
    size_t bare = point_length - 2;

    (void)state;
    /* a byte less, a byte more, nothing of it, compressed, at infinity */
    for (size_t length = 1; length < sizeof value; length++) {
        memset(value, 0x04, sizeof value);
        memcpy(value, point, point_length);
        set_ec(value, length);
        if (length != point_length)
            assert_refused(KS_ERR_TOKEN_FAILED, "CKA_EC_POINT");
    }
    value[2] = 0x02;
    set_ec(value + 2, 33);
    assert_refused(KS_ERR_TOKEN_FAILED, "CKA_EC_POINT");
    value[2] = 0x00;
    set_ec(value + 2, bare);
    assert_refused(KS_ERR_TOKEN_FAILED, "CKA_EC_POINT");

    /* not on the curve, in both forms */
    memcpy(value, point, point_length);
    value[point_length - 1] ^= 1;
    set_ec(value, point_length);
    assert_refused(KS_ERR_TOKEN_FAILED, "CKA_EC_POINT");
    set_ec(value + 2, bare);
    assert_refused(KS_ERR_TOKEN_FAILED, "CKA_EC_POINT");

    /* an OCTET STRING that says another length, another tag */
    memcpy(value, point, point_length);
    value[1]--;
    set_ec(value, point_length);
    assert_refused(KS_ERR_TOKEN_FAILED, "CKA_EC_POINT");
    memcpy(value, point, point_length);
    value[0] = 0x03;
    set_ec(value, point_length);
    assert_refused(KS_ERR_TOKEN_FAILED, "CKA_EC_POINT");
}

static void
lengths_beyond_the_buffer_are_refused(void **state)
{
    static const CK_ULONG lengths[] = {PKCS11_POINT_MAX + 1, 100000,
                                       CK_UNAVAILABLE_INFORMATION, 0};
    uint8_t large[PKCS11_POINT_MAX + 1] = {0x04};

    (void)state;
    set_ec(large, sizeof large);
    assert_refused(KS_ERR_TOKEN_FAILED, "CKR_BUFFER_TOO_SMALL");

    /* It says so with CKR_OK: the key counts as not told. */
    set_ec(point, point_length);
    told.stretched = CKA_EC_POINT;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        told.stretched_to = lengths[i];
        assert_read(MATERIAL_P256, NULL);
    }
}

static void
weak_rsa_numbers_are_refused(void **state)
{
    static const uint8_t one[] = {0x01};
    static const uint8_t three[] = {0x03};
    static const uint8_t even[] = {0x01, 0x00, 0x00};
    uint8_t zeros[sizeof modulus] = {0};
    uint8_t n[513];

    (void)state;
    memset(n, 0xff, sizeof n);
    set_rsa(n, 513, exponent, sizeof exponent);
    assert_refused(KS_ERR_TOKEN_FAILED, "CKR_BUFFER_TOO_SMALL");
    set_rsa(n, 128, exponent, sizeof exponent);
    assert_refused(KS_ERR_KEY_OTHER, "modulus or exponent");
    set_rsa(n, 1, exponent, sizeof exponent);
    assert_refused(KS_ERR_KEY_OTHER, "modulus or exponent");
    set_rsa(modulus + 1, sizeof modulus - 1, exponent, sizeof exponent);
    assert_refused(KS_ERR_KEY_OTHER, "modulus or exponent");
    set_rsa(modulus, sizeof modulus, one, sizeof one);
    assert_refused(KS_ERR_KEY_OTHER, "modulus or exponent");
    set_rsa(modulus, sizeof modulus, three, sizeof three);
    assert_refused(KS_ERR_KEY_OTHER, "modulus or exponent");
    set_rsa(modulus, sizeof modulus, even, sizeof even);
    assert_refused(KS_ERR_KEY_OTHER, "modulus or exponent");
    n[255] = 0xfe;
    set_rsa(n, 256, exponent, sizeof exponent);
    assert_refused(KS_ERR_KEY_OTHER, "modulus or exponent");

    /* Nothing but zeros is not even a key. */
    set_rsa(zeros, sizeof zeros, exponent, sizeof exponent);
    assert_refused(KS_ERR_KEY_OTHER, "");
}

static void
two_public_objects_are_refused(void **state)
{
    (void)state;
    set_ec(point, point_length);
    told.publics = 2;
    assert_refused(KS_ERR_KEY_OTHER, "more than one public key");
}

static void
missing_public_half_is_no_error(void **state)
{
    (void)state;
    set_ec(point, point_length);
    told.publics = 0;
    assert_read(MATERIAL_P256, NULL);
    set_rsa(modulus, sizeof modulus, exponent, 0);
    assert_read(MATERIAL_RSA, NULL);
}

static void
good_keys_are_read_from_either_object(void **state)
{
    (void)state;
    set_ec(point, point_length);
    assert_read(MATERIAL_P256, ec_key);
    set_ec(point + 2, point_length - 2);
    assert_read(MATERIAL_P256, ec_key);
    scripted_token_set(&told.private, 2, CKA_EC_POINT, point, point_length);
    told.publics = 0;
    assert_read(MATERIAL_P256, ec_key);

    (void)empty_token(state);
    set_rsa(modulus, sizeof modulus, exponent, sizeof exponent);
    assert_read(MATERIAL_RSA, rsa_key);
    told.public = told.private;
    set_rsa(modulus, 0, exponent, 0);
    told.publics = 1;
    assert_read(MATERIAL_RSA, rsa_key);
}

static int
make_keys(void **state)
{
    BIGNUM *n = NULL;
    int good;

    (void)state;
    rsa_key = EVP_RSA_gen(2048U);
    ec_key = EVP_EC_gen("P-256");
    good = rsa_key != NULL && ec_key != NULL &&
           EVP_PKEY_get_bn_param(rsa_key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
           BN_bn2binpad(n, modulus, sizeof modulus) > 0 &&
           pkcs11_public_point(ec_key, point, &point_length, NULL) == KS_OK;
    BN_free(n);
    return good ? 0 : -1;
}

static int
free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa_key);
    EVP_PKEY_free(ec_key);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(other_types_are_refused, empty_token),
        cmocka_unit_test_setup(points_that_are_none_are_refused, empty_token),
        cmocka_unit_test_setup(lengths_beyond_the_buffer_are_refused,
                               empty_token),
        cmocka_unit_test_setup(weak_rsa_numbers_are_refused, empty_token),
        cmocka_unit_test_setup(two_public_objects_are_refused, empty_token),
        cmocka_unit_test_setup(missing_public_half_is_no_error, empty_token),
        cmocka_unit_test_setup(good_keys_are_read_from_either_object,
                               empty_token),
    };

    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
