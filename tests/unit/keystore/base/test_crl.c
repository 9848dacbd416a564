/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "keystore/base/crl.h"

#define HOUR 3600L
#define NEVER 0L

static EVP_PKEY *key;
static struct err_cause cause;

/* A list of FROM to TO, seconds from now; the caller frees it. */
static X509_CRL *
make(long from, long to, bool delta)
{
    X509_CRL *list = X509_CRL_new();
    X509_NAME *name = X509_NAME_new();
    ASN1_TIME *time = X509_gmtime_adj(NULL, from);
    ASN1_INTEGER *base = ASN1_INTEGER_new();

    assert_int_equal(X509_CRL_set_version(list, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(list, name), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(list, time), 1);
    assert_non_null(X509_gmtime_adj(time, to));
    if (to != NEVER)
        assert_int_equal(X509_CRL_set1_nextUpdate(list, time), 1);
    assert_int_equal(ASN1_INTEGER_set(base, 1), 1);
    if (delta)
        assert_int_equal(X509_CRL_add1_ext_i2d(list, NID_delta_crl, base, 1, 0),
                         1);
    assert_true(X509_CRL_sign(list, key, EVP_sha256()) > 0);
    ASN1_INTEGER_free(base);
    ASN1_TIME_free(time);
    X509_NAME_free(name);
    return list;
}

/* Add it in PEM to BIO, and free it. */
static void
add(BIO *bio, X509_CRL *list)
{
    assert_int_equal(PEM_write_bio_X509_CRL(bio, list), 1);
    X509_CRL_free(list);
}

/* How many lists BIO, which is freed, is read as; 0: it is refused. */
static int
count(BIO *bio)
{
    STACK_OF(X509_CRL) *lists = NULL;
    static const unsigned char none[1];
    char *bytes = NULL;
    size_t length = (size_t)BIO_get_mem_data(bio, &bytes);
    enum ks_err rc = crl_read(length > 0 ? (unsigned char *)bytes : none,
                              length, &lists, &cause);
    int ret = sk_X509_CRL_num(lists);

    BIO_free(bio);
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
    if (rc == KS_OK)
        return ret;
    assert_int_equal(rc, KS_ERR_CRL);
    assert_null(lists);
    return 0;
}

static BIO *
fresh(const char *text)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_int_equal(BIO_puts(bio, text), (int)strlen(text));
    return bio;
}

static void
what_holds_no_list_is_refused(void **state)
{
    static const char *const texts[] = {
        "", "\n", "no list\n", "0",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(count(fresh(texts[i])), 0);
        assert_string_equal(cause.text, "it holds no CRL");
    }
}

/* A list that is no list spoils those before it. */
static void
malformed_list_behind_a_good_one_is_refused(void **state)
{
    static const char *const bad[] = {
        "-----BEGIN X509 CRL-----\n",
        "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
        "-----BEGIN X509 CRL-----\n!!!!\n-----END X509 CRL-----\n",
        "-----BEGIN X509 CRL-----\nMAA=\n-----END CERTIFICATE-----\n"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        BIO *bio = fresh("");

        add(bio, make(-HOUR, HOUR, false));
        assert_int_equal(BIO_puts(bio, bad[i]), (int)strlen(bad[i]));
        assert_int_equal(count(bio), 0);
        assert_non_null(strstr(cause.text, "a CRL in it is malformed: "));
    }
}

/* OpenSSL's reader goes on with the next block as if they were not there. */
static void
list_that_the_reader_passes_over_is_missed(void **state)
{
    static const struct {
        const char *line, *instead;
    } slips[] = {
        {"-----BEGIN X509 CRL-----", "-----BEGIN CRL-----"},
        {"-----BEGIN X509 CRL-----", " -----BEGIN X509 CRL-----"},
        {"-----BEGIN X509 CRL-----", "----BEGIN X509 CRL-----"},
        {"-----BEGIN X509 CRL-----", "-----BEGIN X509 CRL----"},
        {"-----BEGIN X509 CRL-----", "-----BEG"},
        {"-----BEGIN X509 CRL-----", "x -----BEGIN X509 CRL-----"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof slips / sizeof slips[0]; i++) {
        BIO *bio = fresh(""), *one = fresh("");
        char *text = NULL;
        size_t length;

        if (i % 2 == 0)
            add(bio, make(-HOUR, HOUR, false));
        add(one, make(-HOUR, HOUR, false));
        length = (size_t)BIO_get_mem_data(one, &text) - strlen(slips[0].line);
        assert_true(BIO_puts(bio, slips[i / 2].instead) > 0);
        assert_int_equal(
            BIO_write(bio, text + strlen(slips[i / 2].line), (int)length),
            (int)length);
        BIO_free(one);
        if (i % 2 != 0)
            add(bio, make(-HOUR, HOUR, false));
        if (count(bio) != 0)
            fail_msg("slip %zu is passed over", i / 2);
    }
}

static void
der_is_the_whole_file(void **state)
{
    X509_CRL *list = make(-HOUR, HOUR, false);
    BIO *bio = fresh("");
    char *bytes = NULL;
    long length;

    (void)state;
    assert_int_equal(i2d_X509_CRL_bio(bio, list), 1);
    length = BIO_get_mem_data(bio, &bytes);
    assert_int_equal(count(BIO_new_mem_buf(bytes, (int)length - 1)), 0);
    assert_int_equal(count(BIO_new_mem_buf(bytes, (int)length)), 1);
    assert_int_equal(i2d_X509_CRL_bio(bio, list), 1);
    assert_int_equal(count(bio), 0);
    X509_CRL_free(list);
}

static void
delta_beside_a_complete_list_is_refused(void **state)
{
    BIO *bio = fresh("");

    (void)state;
    add(bio, make(-HOUR, HOUR, false));
    add(bio, make(-HOUR, HOUR, true));
    assert_int_equal(count(bio), 0);
    assert_non_null(strstr(cause.text, "a delta CRL is in it"));
}

static void
list_without_an_end_is_refused(void **state)
{
    BIO *bio = fresh("");

    (void)state;
    add(bio, make(-HOUR, NEVER, false));
    assert_int_equal(count(bio), 0);
    assert_non_null(strstr(cause.text, "no nextUpdate"));
}

static void
all_lists_are_read_whatever_is_between(void **state)
{
    BIO *bio = fresh("Certificate Revocation List (CRL):\n    - of today\n");

    (void)state;
    add(bio, make(-HOUR, HOUR, false));
    assert_true(BIO_puts(bio, "of yesterday\n") > 0);
    add(bio, make(-2 * HOUR, -HOUR, false));
    assert_int_equal(count(bio), 2);
}

static void
only_all_out_of_date_are_out_of_date(void **state)
{
    STACK_OF(X509_CRL) *lists = sk_X509_CRL_new_null();

    (void)state;
    assert_true(sk_X509_CRL_push(lists, make(-2 * HOUR, -HOUR, false)) > 0);
    assert_true(crl_all_out_of_date(lists));
    assert_true(sk_X509_CRL_push(lists, make(HOUR, 2 * HOUR, false)) > 0);
    assert_true(crl_all_out_of_date(lists));
    assert_true(sk_X509_CRL_push(lists, make(-HOUR, HOUR, false)) > 0);
    assert_false(crl_all_out_of_date(lists));
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
}

static int
start(void **state)
{
    (void)state;
    key = EVP_EC_gen("P-256");
    return key != NULL ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_no_list_is_refused),
        cmocka_unit_test(malformed_list_behind_a_good_one_is_refused),
        cmocka_unit_test(list_that_the_reader_passes_over_is_missed),
        cmocka_unit_test(der_is_the_whole_file),
        cmocka_unit_test(delta_beside_a_complete_list_is_refused),
        cmocka_unit_test(list_without_an_end_is_refused),
        cmocka_unit_test(all_lists_are_read_whatever_is_between),
        cmocka_unit_test(only_all_out_of_date_are_out_of_date),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
