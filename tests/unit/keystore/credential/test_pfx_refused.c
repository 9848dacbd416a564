/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/pfx.h: the PFX files that are not taken, each with its
 * own error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/unit/keystore/credential/pfx_case.h"

static void
truncated_pfx_is_refused_at_every_byte(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();
    struct fixture_bytes der = fixture_pfx(&pfx);

    (void)state;
    for (size_t length = 0; length < der.length; length++) {
        uint8_t *copy = malloc(length + 1);

        memcpy(copy, der.bytes, length);
        assert_int_equal(pfx_case_try_bytes(copy, length), KS_ERR_CRED_FORMAT);
        free(copy);
    }
    fixture_free(&der);
}

/* A flipped bit is refused in some way: the MAC covers all that matters. */
static void
altered_pfx_is_refused(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();
    struct fixture_bytes der = fixture_pfx(&pfx);

    (void)state;
    for (size_t i = 8; i < der.length; i += 29) {
        der.bytes[i] ^= 0x10;
        assert_int_not_equal(pfx_case_try_bytes(der.bytes, der.length), KS_OK);
        der.bytes[i] ^= 0x10;
    }
    assert_int_equal(pfx_case_try_bytes(der.bytes, der.length), KS_OK);
    fixture_free(&der);
}

static void
what_is_no_pfx_is_told_apart(void **state)
{
    struct fixture_bytes der = fixture_certificate_der(pfx_case_certificate);
    struct fixture_bytes pkcs8 = fixture_pkcs8(pfx_case_key);
    static const char pem[] = "-----BEGIN PRIVATE KEY-----\n";

    (void)state;
    assert_int_equal(pfx_case_try_bytes(der.bytes, der.length),
                     KS_ERR_CRED_NO_KEY);
    assert_int_equal(pfx_case_try_bytes(pkcs8.bytes, pkcs8.length),
                     KS_ERR_CRED_FORMAT);
    assert_int_equal(pfx_case_try_bytes(pem, sizeof pem - 1),
                     KS_ERR_CRED_FORMAT);
    assert_true(pfx_case_says("PEM"));
    assert_int_equal(pfx_case_try_bytes("garbage", 7), KS_ERR_CRED_FORMAT);
    assert_int_equal(pfx_case_try_bytes("", 0), KS_ERR_CRED_FORMAT);
    fixture_free(&pkcs8);
    fixture_free(&der);
}

static void
number_of_keys_and_certificates_counts(void **state)
{
    struct fixture_pfx pfx = fixture_windows(NULL, pfx_case_certificate);
    X509 *renewed;

    (void)state;
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_NO_KEY);
    pfx = pfx_case_windows();
    pfx.keys[1] = pfx_case_other_key;
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
    assert_true(pfx_case_says("more than one private key"));
    pfx.keys[1] = pfx_case_key;
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
    pfx = fixture_windows(pfx_case_key, NULL);
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
    assert_true(pfx_case_says("without a certificate"));
    renewed = fixture_certificate(&(struct fixture_certificate){
        .key = pfx_case_key, .from = -60, .to = 3600});
    pfx = pfx_case_windows();
    pfx.certificates[1] = renewed;
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
    assert_true(pfx_case_says("more than one certificate"));
    X509_free(renewed);
}

static void
foreign_certificate_is_a_mismatch(void **state)
{
    struct fixture_pfx pfx = fixture_windows(pfx_case_key,
                                             pfx_case_other_certificate);

    (void)state;
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_MISMATCH);
    pfx = fixture_windows(pfx_case_other_key, pfx_case_certificate);
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_MISMATCH);
}

static void
weak_key_is_refused(void **state)
{
    static const char *const kinds[] = {"RSA-1024", FIXTURE_FOREIGN_CURVE,
                                        "ED25519"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        EVP_PKEY *weak = fixture_key(kinds[i]);
        X509 *of_it = fixture_certificate(
            &(struct fixture_certificate){.key = weak});
        struct fixture_pfx pfx = fixture_windows(weak, of_it);

        assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_WEAK);
        X509_free(of_it);
        EVP_PKEY_free(weak);
    }
}

static void
password_is_refused_and_not_guessed(void **state)
{
    static const char *const passwords[] = {" ", "password", "1234"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture_pfx pfx = pfx_case_windows();

        pfx.password = passwords[i];
        assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_PASSWORD);
        pfx.mac_iterations = 0;
        assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_PASSWORD);
        pfx.certificate_cipher = -1;
        assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_PASSWORD);
    }
}

/* Where OpenSSL's decoder ends */
static void
bags_too_deep_are_refused(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();

    (void)state;
    pfx.nesting = 27;
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, pfx_case_setup, pfx_case_teardown)
    const struct CMUnitTest tests[] = {
        TEST(truncated_pfx_is_refused_at_every_byte),
        TEST(altered_pfx_is_refused),
        TEST(what_is_no_pfx_is_told_apart),
        TEST(number_of_keys_and_certificates_counts),
        TEST(foreign_certificate_is_a_mismatch),
        TEST(weak_key_is_refused),
        TEST(password_is_refused_and_not_guessed),
        TEST(bags_too_deep_are_refused),
    };

    return cmocka_run_group_tests(tests, pfx_case_make, pfx_case_free);
}
