/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of certificates as TPMs have them, and of what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "agent/token/certificate.h"

static struct certificate_words words;
static size_t used;

static void
add_name(X509_NAME *name, const char *type, const char *text)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8,
                                                (const unsigned char *)text, -1,
                                                -1, 0),
                     1);
}

/* The TCG's attributes stand in a directory name there, and it is critical
 * where the subject is empty. */
static void
add_alternative(X509 *certificate)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *one = GENERAL_NAME_new();
    X509_NAME *name = X509_NAME_new();

    add_name(name, "2.23.133.2.1", "id:49465800");
    add_name(name, "2.23.133.2.2", "SLB9670");
    GENERAL_NAME_set0_value(one, GEN_DIRNAME, name);
    assert_true(sk_GENERAL_NAME_push(names, one) == 1);
    assert_int_equal(
        X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 1, 0), 1);
    GENERAL_NAMES_free(names);
}

/* By ISSUER, of SUBJECT or, with "", the alternative name alone.  DER, which
 * the caller frees with OPENSSL_free(). */
static unsigned char *
make(const char *issuer, const char *subject, int *ret_length)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *certificate = X509_new();
    unsigned char *der = NULL;

    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    add_name(X509_get_issuer_name(certificate), "CN", issuer);
    if (*subject != '\0')
        add_name(X509_get_subject_name(certificate), "CN", subject);
    add_alternative(certificate);
    assert_int_equal(ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate),
                                               "20200102030405Z"),
                     1);
    assert_int_equal(ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate),
                                               "99991231235959Z"),
                     1);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    *ret_length = i2d_X509(certificate, &der);
    assert_true(*ret_length > 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return der;
}

static void
certificate_is_told_by_its_names(void **state)
{
    int length;
    unsigned char *der = make("Infineon, \"RSA\" 003", "unknown", &length);

    (void)state;
    assert_true(certificate_read(der, (size_t)length, &words, &used));
    assert_int_equal(used, length);
    assert_string_equal(words.issuer, "CN=Infineon\\, \\\"RSA\\\" 003");
    assert_string_equal(words.subject, "CN=unknown");
    assert_int_equal(words.from, 1577934245);
    assert_int_equal(words.to, 253402300799);
    OPENSSL_free(der);
}

static void
empty_subject_is_told_by_the_alternative_name(void **state)
{
    int length;
    unsigned char *der = make("maker", "", &length);

    (void)state;
    assert_true(certificate_read(der, (size_t)length, &words, &used));
    assert_non_null(strstr(words.subject, "id:49465800"));
    assert_non_null(strstr(words.subject, "SLB9670"));
    OPENSSL_free(der);
}

/* An NV index is larger than its certificate, and filled up with 0xff. */
static void
padding_behind_it_is_not_of_it(void **state)
{
    int length;
    unsigned char *der = make("maker", "unknown", &length);
    unsigned char padded[2048];

    (void)state;
    memset(padded, 0xff, sizeof padded);
    memcpy(padded, der, (size_t)length);
    assert_true(certificate_read(padded, sizeof padded, &words, &used));
    assert_int_equal(used, length);
    OPENSSL_free(der);
}

static void
names_that_are_too_long_are_cut(void **state)
{
    char name[2 * 64 + 1] = "";
    int length;
    unsigned char *der;

    (void)state;
    for (int i = 0; i < 64; i++)
        memcpy(name + 2 * i, "\303\251", 3); /* told as \C3\A9 */
    der = make(name, name, &length);
    assert_true(certificate_read(der, (size_t)length, &words, &used));
    assert_int_equal(strlen(words.issuer), LAYOUT_DN_MAX);
    assert_int_equal(strlen(words.subject), LAYOUT_DN_MAX);
    OPENSSL_free(der);
}

static void
what_is_no_certificate_is_not_read(void **state)
{
    int length;
    unsigned char *der = make("maker", "unknown", &length);

    (void)state;
    memset(&words, 0x5a, sizeof words);
    used = 7;
    assert_false(certificate_read(der, 0, &words, &used));
    for (int cut = 1; cut < length; cut++)
        assert_false(certificate_read(der, (size_t)cut, &words, &used));
    der[1] = 0x85; /* a length of five bytes */
    assert_false(certificate_read(der, (size_t)length, &words, &used));
    assert_int_equal(used, 7);
    assert_int_equal(words.subject[0], 0x5a);
    assert_int_equal(ERR_peek_error(), 0);
    OPENSSL_free(der);
}

/* Whatever one byte of it is, it is read or not, and nothing breaks. */
static void
altered_bytes_do_no_harm(void **state)
{
    int length;
    unsigned char *der = make("maker", "", &length);

    (void)state;
    for (int at = 0; at < length; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            der[at] ^= (unsigned char)(1U << bit);
            if (certificate_read(der, (size_t)length, &words, &used))
                assert_true(used <= (size_t)length);
            der[at] ^= (unsigned char)(1U << bit);
        }
    assert_true(certificate_read(der, (size_t)length, &words, &used));
    OPENSSL_free(der);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_is_told_by_its_names),
        cmocka_unit_test(empty_subject_is_told_by_the_alternative_name),
        cmocka_unit_test(padding_behind_it_is_not_of_it),
        cmocka_unit_test(names_that_are_too_long_are_cut),
        cmocka_unit_test(what_is_no_certificate_is_not_read),
        cmocka_unit_test(altered_bytes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
