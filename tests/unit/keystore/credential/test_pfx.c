/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/pfx.h: the PFX files that are taken, as Windows and
 * others write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "tests/unit/keystore/credential/pfx_case.h"

/* What comes out of PFX must be EXPECTED_KEY, bit by bit, and EXPECTED. */
static void
check_opens(const struct fixture_pfx *pfx, EVP_PKEY *expected_key,
            X509 *expected)
{
    struct fixture_bytes der = fixture_pfx(pfx);
    struct fixture_bytes pkcs8 = fixture_pkcs8(expected_key);
    struct secret *found_key = NULL;
    X509 *found = NULL;

    assert_int_equal(pfx_open(der.bytes, der.length, &found, &found_key, NULL),
                     KS_OK);
    assert_int_equal(X509_cmp(found, expected), 0);
    assert_int_equal(secret_length(found_key), pkcs8.length);
    assert_memory_equal(secret_bytes(found_key), pkcs8.bytes, pkcs8.length);
    secret_free(&found_key);
    X509_free(found);
    fixture_free(&pkcs8);
    fixture_free(&der);
}

static void
windows_writes_the_empty_password_in_two_ways(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();

    (void)state;
    assert_int_equal(pfx.certificate_cipher, NID_pbe_WithSHA1And40BitRC2_CBC);
    pfx.password = "";
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
    pfx.password = NULL;
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
}

static void
every_cipher_of_windows_is_read(void **state)
{
    static const int ciphers[] = {NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                                  NID_pbe_WithSHA1And2_Key_TripleDES_CBC,
                                  NID_pbe_WithSHA1And128BitRC2_CBC,
                                  NID_pbe_WithSHA1And40BitRC2_CBC};

    (void)state;
    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
        struct fixture_pfx pfx = pfx_case_windows();

        pfx.key_cipher = ciphers[i];
        pfx.certificate_cipher = ciphers[i];
        check_opens(&pfx, pfx_case_key, pfx_case_certificate);
    }
}

static void
pbes2_is_read_with_every_mac(void **state)
{
    static const int ciphers[] = {NID_aes_128_cbc, NID_aes_192_cbc,
                                  NID_aes_256_cbc, NID_des_ede3_cbc};
    static const char *const macs[] = {"SHA1", "SHA256", "SHA384", "SHA512"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fixture_pfx pfx = pfx_case_windows();

        pfx.key_cipher = ciphers[i];
        pfx.certificate_cipher = ciphers[i];
        pfx.mac = macs[i];
        check_opens(&pfx, pfx_case_key, pfx_case_certificate);
        pfx.password = NULL;
        check_opens(&pfx, pfx_case_key, pfx_case_certificate);
    }
}

/* The password is the empty one anyway: a MAC by it authenticates nothing. */
static void
mac_may_be_absent(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();

    (void)state;
    pfx.mac_iterations = 0;
    pfx.password = "";
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
    pfx.password = NULL;
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
}

static void
mac_of_one_iteration_is_read(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();

    (void)state;
    pfx.mac_iterations = 1;
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
}

static void
parts_may_be_unencrypted(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();

    (void)state;
    pfx.certificate_cipher = -1;
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
    pfx.key_cipher = -1;
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
    pfx.mac_iterations = 0;
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
}

static void
bags_may_lie_in_bags(void **state)
{
    struct fixture_pfx pfx = pfx_case_windows();

    (void)state;
    for (pfx.nesting = 1; pfx.nesting <= 20; pfx.nesting++)
        check_opens(&pfx, pfx_case_key, pfx_case_certificate);
}

static void
certificate_of_the_key_is_chosen(void **state)
{
    struct fixture_pfx pfx = fixture_windows(pfx_case_key,
                                             pfx_case_other_certificate);

    (void)state;
    pfx.certificates[1] = pfx_case_certificate;
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
    pfx.keys[0] = pfx_case_other_key;
    check_opens(&pfx, pfx_case_other_key, pfx_case_other_certificate);
}

/* The OID of Ed25519 made one that nobody has */
static X509 *
make_unknown(const X509 *known)
{
    static const uint8_t oid[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    struct fixture_bytes der = fixture_certificate_der(known);
    uint8_t *found = memmem(der.bytes, der.length, oid, sizeof oid);
    const unsigned char *from = der.bytes;
    X509 *ret;

    assert_non_null(found);
    found[4] = 0x7f;
    ret = d2i_X509(NULL, &from, (long)der.length);
    assert_non_null(ret);
    assert_null(X509_get0_pubkey(ret));
    ERR_clear_error();
    fixture_free(&der);
    return ret;
}

static void
certificate_of_an_unknown_kind_is_passed_over(void **state)
{
    EVP_PKEY *edwards = fixture_key("ED25519");
    X509 *foreign = fixture_certificate(
        &(struct fixture_certificate){.key = edwards, .signer = pfx_case_key});
    X509 *unknown = make_unknown(foreign);
    struct fixture_pfx pfx = fixture_windows(pfx_case_key, foreign);

    (void)state;
    pfx.certificates[1] = unknown;
    pfx.certificates[2] = pfx_case_certificate;
    check_opens(&pfx, pfx_case_key, pfx_case_certificate);
    X509_free(unknown);
    X509_free(foreign);
    EVP_PKEY_free(edwards);
}

static void
every_accepted_kind_of_key_is_read(void **state)
{
    static const char *const kinds[] = {"RSA-2048", "RSA-3072", "RSA-4096",
                                        "P-256", "P-384"};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        EVP_PKEY *made = fixture_key(kinds[i]);
        X509 *of_it = fixture_certificate(
            &(struct fixture_certificate){.key = made});
        struct fixture_pfx pfx = fixture_windows(made, of_it);

        check_opens(&pfx, made, of_it);
        X509_free(of_it);
        EVP_PKEY_free(made);
    }
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, pfx_case_setup, pfx_case_teardown)
    const struct CMUnitTest tests[] = {
        TEST(windows_writes_the_empty_password_in_two_ways),
        TEST(every_cipher_of_windows_is_read),
        TEST(pbes2_is_read_with_every_mac),
        TEST(mac_may_be_absent),
        TEST(mac_of_one_iteration_is_read),
        TEST(parts_may_be_unencrypted),
        TEST(bags_may_lie_in_bags),
        TEST(certificate_of_the_key_is_chosen),
        TEST(certificate_of_an_unknown_kind_is_passed_over),
        TEST(every_accepted_kind_of_key_is_read),
    };

    return cmocka_run_group_tests(tests, pfx_case_make, pfx_case_free);
}
