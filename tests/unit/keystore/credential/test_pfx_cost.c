/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/pfx.h: what would cost too much is refused before it
 * costs anything, whatever derives the key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "tests/unit/keystore/credential/der_writer.h"
#include "tests/unit/keystore/credential/pfx_case.h"

static unsigned char salt[8] = "8 bytes";

/* Refused, and before it has cost a second, as a million iterations would. */
static void
check_declared(X509_ALGOR *algorithm, const char *words)
{
    struct fixture_pfx pfx = fixture_windows(NULL, NULL);
    clock_t begun;

    assert_non_null(algorithm);
    pfx.mac_iterations = 0;
    pfx.declared_key_cipher = algorithm;
    begun = clock();
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
    assert_true(pfx_case_says(words));
    pfx.declared_key_cipher = NULL;
    pfx.declared_certificate_cipher = algorithm;
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
    assert_true(pfx_case_says(words));
    assert_true(clock() - begun < CLOCKS_PER_SEC);
    X509_ALGOR_free(algorithm);
}

static void
iterations_are_refused_before_they_are_done(void **state)
{
    static const char words[] = "too many iterations";
    struct fixture_pfx pfx = pfx_case_windows();
    clock_t begun = clock();

    (void)state;
    check_declared(PKCS5_pbe_set(NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                                 PFX_ITERATIONS_MAX + 1, salt, sizeof salt),
                   words);
    check_declared(PKCS5_pbe_set(NID_pbe_WithSHA1And40BitRC2_CBC, INT32_MAX,
                                 salt, sizeof salt),
                   words);
    check_declared(PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), INT32_MAX, salt,
                                     sizeof salt, NULL, -1),
                   words);
    pfx.mac_iterations = 0;
    pfx.declared_mac_iterations = PFX_ITERATIONS_MAX + 1;
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
    assert_true(pfx_case_says(words));
    assert_true(clock() - begun < 4 * CLOCKS_PER_SEC);
}

static void
negative_iterations_buy_nothing(void **state)
{
    static const uint8_t triple_des[] = {0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86,
                                         0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x03};
    static const uint8_t counts[] = {0x00, 0x80, 0xff};

    (void)state;
    for (size_t i = 0; i < sizeof counts; i++) {
        struct der_writer parameters = {.length = 0};
        struct der_writer inner = {.length = 0};
        struct der_writer algorithm = {.length = 0};
        const unsigned char *from = algorithm.bytes;

        der_writer_put(&parameters, 0x04, salt, sizeof salt);
        der_writer_put(&parameters, 0x02, &counts[i], 1);
        der_writer_bytes(&inner, triple_des, sizeof triple_des);
        der_writer_put(&inner, 0x30, parameters.bytes, parameters.length);
        der_writer_put(&algorithm, 0x30, inner.bytes, inner.length);
        check_declared(d2i_X509_ALGOR(NULL, &from, (long)algorithm.length),
                       "too many iterations");
    }
}

/* The second way to write the empty password would make it a million. */
static void
iterations_of_both_tries_count_together(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();

    (void)state;
    pfx.mac_iterations = PFX_ITERATIONS_MAX / 2 + 1;
    pfx.password = NULL;
    assert_int_equal(pfx_case_try(&pfx), KS_OK);
    pfx.password = "";
    assert_int_equal(pfx_case_try(&pfx), KS_ERR_CRED_UNUSABLE);
    assert_true(pfx_case_says("too many iterations"));
}

/* What scrypt costs grows with each of its three numbers. */
static void
scrypt_is_paid_for(void **state)
{
    static const uint64_t costs[][3] = {
        {1 << 14, 8, 16}, {1 << 10, 128, 16}, {1 << 10, 8, 256}};

    (void)state;
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++)
        check_declared(PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt,
                                             sizeof salt, NULL, costs[i][0],
                                             costs[i][1], costs[i][2]),
                       "too many iterations");
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, pfx_case_setup, pfx_case_teardown)
    const struct CMUnitTest tests[] = {
        TEST(iterations_are_refused_before_they_are_done),
        TEST(negative_iterations_buy_nothing),
        TEST(iterations_of_both_tries_count_together),
        TEST(scrypt_is_paid_for),
    };

    return cmocka_run_group_tests(tests, pfx_case_make, pfx_case_free);
}
