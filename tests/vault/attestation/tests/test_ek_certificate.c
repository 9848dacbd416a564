/* SPDX-License-Identifier: Apache-2.0 */
/* EK certificates as the field has them: each oddity is read, or refused in a
 * sentence of its own, and no bytes at all do any harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/vault/attestation/ek_certificate.h"
#include "tests/vault/attestation/tests/alter.h"
#include "tests/vault/attestation/tests/mint.h"

#define PLACES 1000
#define TRIES 32

static EVP_PKEY *rsa;       /* an EK */
static EVP_PKEY *ec;        /* another */
static EVP_PKEY *maker_rsa; /* issuers */
static EVP_PKEY *maker_ec;

static struct mint
plain(void)
{
    return (struct mint){
        .key = rsa, .issuer = "Maker", .issuer_key = maker_rsa};
}

/* In memory of just that size, so that a sanitizer sees the byte behind. */
static const char *
read_copy(const uint8_t *bytes, size_t length, uint8_t **ret_copy,
          struct ek_certificate *ret)
{
    *ret_copy = malloc(length > 0 ? length : 1);
    assert_non_null(*ret_copy);
    memcpy(*ret_copy, bytes, length);
    return ek_certificate_read(*ret_copy, length, ret);
}

static void
refuse(const struct mint *as, const char *says)
{
    struct ek_certificate certificate;
    uint8_t bytes[MINT_MAX];
    uint8_t *copy;
    const char *why = read_copy(bytes, mint(as, bytes), &copy, &certificate);

    if (why == NULL || strcmp(why, says) != 0)
        fail_msg("\"%s\" in place of \"%s\"", why, says);
    ek_certificate_free(&certificate);
    free(copy);
}

/* --- refused --- */

static void
refuses_by_name(void **state)
{
    static const struct {
        unsigned odd;
        enum mint_signature signature;
        const char *says;
    } cases[] = {
        {0, MINT_SHA1,
         "is signed with SHA-1, for which certificates can be forged"},
        {0, MINT_PSS_SHA1,
         "is signed by RSASSA-PSS with other hashes than SHA-256, SHA-384 and "
         "SHA-512"},
        {0, MINT_NONE,
         "is signed by an algorithm that the vault does not know"},
        {MINT_OTHER_OUTSIDE, MINT_SHA256, "names two signature algorithms"},
        {MINT_STRANGE, MINT_SHA256,
         "has a critical extension that the vault does not know"},
        {MINT_AUTHORITY, MINT_SHA256, "is a certificate authority's"},
        {MINT_AUTHORITY | MINT_TRUE_IS_ONE, MINT_SHA256,
         "is a certificate authority's"},
    };
    struct mint as = plain();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        as.odd = cases[i].odd;
        as.signature = cases[i].signature;
        refuse(&as, cases[i].says);
    }
    as = plain();
    as.from = "200101";
    refuse(&as, "does not say when it is valid");
    as.from = "201301000000";
    refuse(&as, "does not say when it is valid");
}

/* Each shorter one, for which the NV index would have been too small. */
static void
refuses_what_is_cut_off(void **state)
{
    const struct mint as = plain();
    uint8_t bytes[MINT_MAX];
    size_t length = mint(&as, bytes);

    (void)state;
    for (size_t i = 0; i < length; i++) {
        struct ek_certificate certificate;
        uint8_t *copy;

        assert_string_equal(read_copy(bytes, i, &copy, &certificate),
                            "is no certificate, or cut off");
        ek_certificate_free(&certificate);
        free(copy);
    }
}

/* Anywhere: refused, or else not signed by the maker. */
static void
notices_a_changed_bit(void **state)
{
    static const unsigned odd[] = {0, MINT_LONG_LENGTHS | MINT_ZEROS};
    struct mint as = plain();

    (void)state;
    for (unsigned i = 0; i < 2 * PLACES; i++) {
        struct ek_certificate certificate;
        static uint8_t good[MINT_MAX];
        static size_t length;
        uint8_t bytes[MINT_MAX];
        uint8_t *copy;

        as.odd = odd[i / PLACES];
        if (i % PLACES == 0)
            length = mint(&as, good);
        memcpy(bytes, good, length);
        alter_bytes(bytes, length);
        if (read_copy(bytes, length, &copy, &certificate) == NULL)
            assert_false(ek_certificate_is_signed_by(&certificate, maker_rsa));
        ek_certificate_free(&certificate);
        free(copy);
    }
}

static void
is_not_signed_by_another(void **state)
{
    static const enum mint_signature signatures[] = {MINT_SHA256, MINT_PSS};
    EVP_PKEY *other = EVP_RSA_gen(2048);
    struct mint as = plain();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct ek_certificate certificate;
        uint8_t bytes[MINT_MAX];

        as.signature = signatures[i];
        assert_null(ek_certificate_read(bytes, mint(&as, bytes), &certificate));
        assert_true(ek_certificate_is_signed_by(&certificate, maker_rsa));
        assert_false(ek_certificate_is_signed_by(&certificate, other));
        assert_false(ek_certificate_is_signed_by(&certificate, maker_ec));
        ek_certificate_free(&certificate);
    }
    EVP_PKEY_free(other);
}

/* --- read --- */

static const struct {
    const char *name;
    unsigned odd;
    /* OpenSSL does not read the whole of it, or does not take the signature,
     * where the maker's is ECDSA. */
    bool no_openssl;
} varieties[] = {
    {"plain", 0, false},
    {"lengths of three bytes", MINT_LONG_LENGTHS, true},
    {"numbers without the zero of their sign", MINT_UNPADDED, true},
    {"numbers with four zeros in front", MINT_ZEROS, true},
    {"rsaesOaep", MINT_OAEP, true},
    {"critical FALSE written out", MINT_FALSE, false},
    {"TRUE as 01", MINT_TRUE_IS_ONE, false},
    {"the TCG's attributes in one set", MINT_ONE_SET, false},
    {"no alternative name", MINT_NO_NAMES, false},
    {"an alternative name that is not critical", MINT_PLAIN_NAMES, false},
    {"no usage", MINT_NO_USAGE, false},
    {"no extensions", MINT_NO_EXTENSIONS, false},
    {"time without seconds", MINT_SHORT_TIME, false},
    {"time with an offset", MINT_OFFSET_TIME, false},
    {"all at once",
     MINT_LONG_LENGTHS | MINT_UNPADDED | MINT_OAEP | MINT_FALSE |
         MINT_TRUE_IS_ONE | MINT_ONE_SET | MINT_SHORT_TIME | MINT_OFFSET_TIME,
     true},
};

static void
expect_read(const struct mint *as, const char *name)
{
    struct ek_certificate certificate;
    uint8_t bytes[MINT_MAX];
    uint8_t *copy;
    const char *why = read_copy(bytes, mint(as, bytes), &copy, &certificate);

    if (why != NULL)
        fail_msg("%s: %s", name, why);
    if (EVP_PKEY_eq(certificate.key, as->key) != 1)
        fail_msg("%s: another key", name);
    if (!ek_certificate_is_signed_by(&certificate, as->issuer_key))
        fail_msg("%s: not signed", name);
    assert_int_equal(certificate.from, 1577836800); /* 2020 */
    assert_int_equal(certificate.to, 253402300799); /* the end of 9999 */
    if ((as->odd & (MINT_NO_NAMES | MINT_NO_EXTENSIONS)) == 0) {
        assert_string_equal(certificate.maker.manufacturer, "id:4E544300");
        assert_string_equal(certificate.maker.model, "NPCT75x");
        assert_string_equal(certificate.maker.version, "id:00070002");
    }
    assert_int_equal(certificate.is_for_ek,
                     (as->odd & (MINT_NO_USAGE | MINT_NO_EXTENSIONS)) == 0);
    ek_certificate_free(&certificate);
    free(copy);
}

static void
reads_each_variety(void **state)
{
    EVP_PKEY *const keys[] = {rsa, ec};
    EVP_PKEY *const makers[] = {maker_rsa, maker_ec};

    (void)state;
    for (size_t i = 0; i < sizeof varieties / sizeof *varieties; i++)
        for (unsigned j = 0; j < 4; j++) {
            struct mint as = plain();

            as.odd = varieties[i].odd;
            as.key = keys[j % 2];
            as.issuer_key = makers[j / 2];
            expect_read(&as, varieties[i].name);
        }
}

static void
reads_each_signature(void **state)
{
    static const enum mint_signature signatures[] = {MINT_SHA256, MINT_SHA384,
                                                     MINT_PSS};
    struct mint as = plain();

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        as.signature = signatures[i % 3];
        as.issuer_key = i < 3 ? maker_rsa : maker_ec;
        expect_read(&as, i < 3 ? "RSA" : "ECDSA");
    }
}

/* The NV index is longer: zeros, ones, or what was there before. */
static void
passes_over_padding(void **state)
{
    const struct mint as = plain();

    (void)state;
    for (unsigned filler = 0; filler < 256; filler += 51) {
        struct ek_certificate certificate;
        uint8_t bytes[MINT_MAX];
        size_t length = mint(&as, bytes);

        memset(bytes + length, (int)filler, sizeof bytes - length);
        assert_null(ek_certificate_read(bytes, sizeof bytes, &certificate));
        assert_true(ek_certificate_is_signed_by(&certificate, maker_rsa));
        ek_certificate_free(&certificate);
    }
}

static bool
openssl_takes(const struct mint *as)
{
    uint8_t bytes[MINT_MAX];
    const unsigned char *at = bytes;
    X509 *certificate = d2i_X509(NULL, &at, (long)mint(as, bytes));
    bool takes = certificate != NULL && X509_get0_pubkey(certificate) != NULL &&
                 X509_verify(certificate, as->issuer_key) == 1 &&
                 EVP_PKEY_eq(X509_get0_pubkey(certificate), as->key) == 1;

    X509_free(certificate);
    return takes;
}

/* Or else OpenSSL's reader would do; further versions of it may stop at more. A
 * number without the zero of its sign is only odd where it would have had one,
 * which both of a signature's have not by one chance in four. */
static void
is_needed_where_openssl_stops(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof varieties / sizeof *varieties; i++) {
        struct mint as = plain();
        unsigned taken = 0;

        as.odd = varieties[i].odd;
        as.issuer_key = maker_ec;
        for (unsigned j = 0; j < TRIES; j++)
            taken += openssl_takes(&as) ? 1 : 0;
        if (varieties[i].no_openssl && taken == TRIES)
            fail_msg("OpenSSL takes %s", varieties[i].name);
    }
}

static int
set_up(void **state)
{
    (void)state;
    rsa = EVP_RSA_gen(2048);
    ec = EVP_EC_gen("P-384");
    maker_rsa = EVP_RSA_gen(2048);
    maker_ec = EVP_EC_gen("P-384");
    return rsa != NULL && ec != NULL && maker_rsa != NULL && maker_ec != NULL
               ? 0
               : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(maker_rsa);
    EVP_PKEY_free(maker_ec);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_by_name),
        cmocka_unit_test(refuses_what_is_cut_off),
        cmocka_unit_test(notices_a_changed_bit),
        cmocka_unit_test(is_not_signed_by_another),
        cmocka_unit_test(reads_each_variety),
        cmocka_unit_test(reads_each_signature),
        cmocka_unit_test(passes_over_padding),
        cmocka_unit_test(is_needed_where_openssl_stops),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
