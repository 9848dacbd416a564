/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate's dates, purpose, strength and size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

#include "tests/unit/keystore/credential/fixture.h"
#include "keystore/credential/credential.h"

#define ARENA (1024 * 1024)
#define GUID "f5303a0b-0000-4000-8000-33222a0a5b4c"

static EVP_PKEY *rsa;
static struct err_cause cause;

/* A whole credential but for its certificate */
static struct credential *
new_credential(void)
{
    struct credential *ret = credential_new();

    assert_non_null(ret);
    for (int i = 0; i < CREDENTIAL__MAX; i++) {
        static const char *const texts[] = {"2.0", "Vaults", GUID, "7"};
        size_t j = 0;

        while (j < 4 && credential_set(ret, (enum credential_field)i, texts[j],
                                       NULL) != KS_OK)
            j++;
    }
    assert_int_equal(credential_complete(ret, &cause), KS_ERR_CRED_FORMAT);
    assert_non_null(strstr(cause.text, "ManagementCert"));
    return ret;
}

/* What credential_check() says of a certificate SECONDS from now */
static enum ks_err
check(const struct fixture_certificate *certificate, long seconds)
{
    struct credential *credential = new_credential();
    enum ks_err rc;

    credential->certificate = fixture_certificate(certificate);
    rc = credential_check(credential, time(NULL) + seconds, &cause);
    credential_free(&credential);
    return rc;
}

static enum ks_err
check_key(EVP_PKEY *key)
{
    struct fixture_certificate certificate = {.key = key, .signer = rsa};

    return check(&certificate, 0);
}

/* Another program would get no more of it than a message has room for. */
static void
certificate_that_fits_into_no_message_is_refused(void **state)
{
    static char text[CREDENTIAL_CERTIFICATE_MAX];
    const struct fixture_certificate ordinary = {.key = rsa, .signer = rsa};
    struct credential *credential = new_credential();
    ASN1_IA5STRING *comment = ASN1_IA5STRING_new();

    (void)state;
    credential->certificate = fixture_certificate(&ordinary);
    for (int less = 2000; less >= 0; less -= 2000) {
        ASN1_STRING_set(comment, text, (int)sizeof text - less);
        (void)X509_add1_ext_i2d(credential->certificate, NID_netscape_comment,
                                comment, 0, X509V3_ADD_REPLACE);
        assert_int_equal(credential_complete(credential, &cause),
                         less > 0 ? KS_OK : KS_ERR_CRED_UNUSABLE);
    }
    ASN1_IA5STRING_free(comment);
    credential_free(&credential);
}

static void
without_a_certificate_it_is_incomplete(void **state)
{
    struct credential *credential = new_credential();

    (void)state;
    assert_int_equal(credential_check(credential, time(NULL), &cause),
                     KS_ERR_CRED_FORMAT);
    credential_free(&credential);
}

static void
dates_are_the_certificates_own(void **state)
{
    struct fixture_certificate usual = {.key = rsa};
    struct fixture_certificate long_lived = {
        .key = rsa, .from = -10 * 86400, .to = 10 * 86400};

    (void)state;
    assert_int_equal(check(&usual, 48 * 3600 + 60), KS_ERR_CRED_EXPIRED);
    assert_int_equal(check(&usual, -660), KS_ERR_CRED_NOT_YET);
    assert_int_equal(check(&usual, 48 * 3600 - 60), KS_OK);
    assert_int_equal(check(&usual, -540), KS_OK);
    assert_int_equal(check(&long_lived, 9 * 86400), KS_OK);
    assert_int_equal(check(&long_lived, 11 * 86400), KS_ERR_CRED_EXPIRED);
}

static void
both_ends_belong_to_the_validity(void **state)
{
    struct fixture_certificate usual = {.key = rsa};
    struct credential *credential = new_credential();
    time_t from, to;

    (void)state;
    credential->certificate = fixture_certificate(&usual);
    assert_int_equal(credential_validity(credential, &from, &to, &cause),
                     KS_OK);
    assert_int_equal(to - from, 48 * 3600 + 600);
    assert_int_equal(credential_check(credential, from, &cause), KS_OK);
    assert_int_equal(credential_check(credential, from - 1, &cause),
                     KS_ERR_CRED_NOT_YET);
    assert_int_equal(credential_check(credential, to, &cause), KS_OK);
    assert_int_equal(credential_check(credential, to + 1, &cause),
                     KS_ERR_CRED_EXPIRED);
    credential_free(&credential);
}

/* The operator has to see which of the two clocks is wrong. */
static void
both_times_are_told(void **state)
{
    struct credential *credential = new_credential();
    struct fixture_certificate usual = {.key = rsa};
    time_t from, to;

    (void)state;
    credential->certificate = fixture_certificate(&usual);
    assert_int_equal(credential_validity(credential, &from, &to, &cause),
                     KS_OK);
    assert_int_equal(credential_check(credential, 86400, &cause),
                     KS_ERR_CRED_NOT_YET);
    assert_non_null(strstr(cause.text, "1970-01-02T00:00:00Z"));
    credential_free(&credential);
}

static void
other_purposes_are_refused(void **state)
{
    static const struct {
        const char *extended_usage;
        const char *usage;
        enum ks_err rc;
    } cases[] = {
        {"", NULL, KS_ERR_CRED_UNUSABLE},
        {"serverAuth", NULL, KS_ERR_CRED_UNUSABLE},
        {"anyExtendedKeyUsage", NULL, KS_ERR_CRED_UNUSABLE},
        {"clientAuth", "keyEncipherment", KS_ERR_CRED_UNUSABLE},
        {"clientAuth", "keyCertSign", KS_ERR_CRED_UNUSABLE},
        {"clientAuth", NULL, KS_OK},
        {"critical,clientAuth", "critical,digitalSignature", KS_OK},
        {"serverAuth,clientAuth", "digitalSignature,keyEncipherment", KS_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture_certificate certificate = {
            .key = rsa,
            .extended_usage = cases[i].extended_usage,
            .usage = cases[i].usage};

        assert_int_equal(check(&certificate, 0), cases[i].rc);
    }
}

static void
weak_and_foreign_keys_are_refused(void **state)
{
    static const struct {
        const char *kind;
        enum ks_err rc;
    } cases[] = {{"RSA-1024", KS_ERR_CRED_WEAK},
                 {"P-224", KS_ERR_CRED_WEAK},
                 {FIXTURE_FOREIGN_CURVE, KS_ERR_CRED_WEAK},
                 {"ED25519", KS_ERR_CRED_WEAK},
                 {"RSA-2048", KS_OK},
                 {"RSA-3072", KS_OK},
                 {"P-256", KS_OK},
                 {"P-384", KS_OK}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        EVP_PKEY *key = fixture_key(cases[i].kind);

        assert_int_equal(check_key(key), cases[i].rc);
        EVP_PKEY_free(key);
    }
}

/* A public key of N and E, which nobody need have the other half of */
static EVP_PKEY *
public_rsa(const BIGNUM *n, BN_ULONG exponent)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *e = BN_new();
    OSSL_PARAM *params;
    EVP_PKEY *ret = NULL;

    assert_int_equal(BN_set_word(e, exponent), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_BN(builder, "n", n), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_BN(builder, "e", e), 1);
    params = OSSL_PARAM_BLD_to_param(builder);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(
        EVP_PKEY_fromdata(context, &ret, EVP_PKEY_PUBLIC_KEY, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(e);
    EVP_PKEY_CTX_free(context);
    return ret;
}

static enum ks_err
check_numbers(const BIGNUM *n, BN_ULONG exponent)
{
    EVP_PKEY *key = public_rsa(n, exponent);
    enum ks_err rc = check_key(key);

    EVP_PKEY_free(key);
    return rc;
}

static void
small_or_even_exponent_is_refused(void **state)
{
    BIGNUM *n = NULL;

    (void)state;
    assert_int_equal(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(check_numbers(n, 3), KS_ERR_CRED_WEAK);
    assert_int_equal(check_numbers(n, 65535), KS_ERR_CRED_WEAK);
    assert_int_equal(check_numbers(n, 65538), KS_ERR_CRED_WEAK);
    assert_int_equal(check_numbers(n, 65537), KS_OK);
    BN_free(n);
}

static void
modulus_has_a_largest_size(void **state)
{
    BIGNUM *n = BN_new();

    (void)state;
    assert_int_equal(BN_set_bit(n, 4096) && BN_add_word(n, 1), 1);
    assert_int_equal(check_numbers(n, 65537), KS_ERR_CRED_WEAK);
    assert_non_null(strstr(cause.text, "4097 bits"));
    BN_free(n);
}

/* 1 modulo every small prime, hence a power of 65537 there: the mark of
 * CVE-2017-15361.  One prime less, and it is as good as any. */
static void
key_of_a_broken_chip_is_refused(void **state)
{
    BIGNUM *n = BN_new();

    (void)state;
    assert_int_equal(BN_set_word(n, 2), 1);
    for (BN_ULONG prime = 3; prime <= 167; prime += 2) {
        bool is_prime = true;

        for (BN_ULONG i = 3; i * i <= prime; i += 2)
            is_prime = is_prime && prime % i != 0;
        if (is_prime)
            assert_int_equal(BN_mul_word(n, prime), 1);
    }
    assert_int_equal(BN_lshift(n, n, 2047 - BN_num_bits(n) + 1), 1);
    assert_int_equal(BN_add_word(n, 1), 1);
    assert_int_equal(BN_num_bits(n), 2048);
    assert_int_equal(check_numbers(n, 65537), KS_ERR_CRED_WEAK);
    assert_non_null(strstr(cause.text, "CVE-2017-15361"));
    /* n + 6 is 7 modulo 11, and 65537 is 10: its powers there are 1 and 10 */
    assert_int_equal(BN_add_word(n, 6), 1);
    assert_int_equal(check_numbers(n, 65537), KS_OK);
    BN_free(n);
}

static void
thumbprints_are_of_the_whole_certificate(void **state)
{
    struct credential *credential = new_credential();
    struct fixture_certificate usual = {.key = rsa};
    struct fixture_bytes der;
    uint8_t sha256[CREDENTIAL_SHA256_LENGTH], sha1[CREDENTIAL_SHA1_LENGTH];
    uint8_t expected[EVP_MAX_MD_SIZE];

    (void)state;
    credential->certificate = fixture_certificate(&usual);
    der = fixture_certificate_der(credential->certificate);
    assert_int_equal(credential_thumbprints(credential, sha256, sha1, &cause),
                     KS_OK);
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, der.bytes, der.length,
                                  expected, NULL),
                     1);
    assert_memory_equal(sha256, expected, sizeof sha256);
    assert_int_equal(
        EVP_Q_digest(NULL, "SHA1", NULL, der.bytes, der.length, expected, NULL),
        1);
    assert_memory_equal(sha1, expected, sizeof sha1);
    fixture_free(&der);
    credential_free(&credential);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_certificate_it_is_incomplete),
        cmocka_unit_test(certificate_that_fits_into_no_message_is_refused),
        cmocka_unit_test(dates_are_the_certificates_own),
        cmocka_unit_test(both_ends_belong_to_the_validity),
        cmocka_unit_test(both_times_are_told),
        cmocka_unit_test(other_purposes_are_refused),
        cmocka_unit_test(weak_and_foreign_keys_are_refused),
        cmocka_unit_test(small_or_even_exponent_is_refused),
        cmocka_unit_test(modulus_has_a_largest_size),
        cmocka_unit_test(key_of_a_broken_chip_is_refused),
        cmocka_unit_test(thumbprints_are_of_the_whole_certificate),
    };
    int failures;

    if (secret_init(ARENA, &cause) != KS_OK) {
        (void)fprintf(stderr, "secret_init: %s\n", cause.text);
        return 1;
    }
    rsa = fixture_key("RSA-2048");
    failures = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(rsa);
    return failures;
}
