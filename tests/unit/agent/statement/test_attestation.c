/* SPDX-License-Identifier: Apache-2.0 */
/* Qualifying data against values that another program computed from
 * docs/attestation.md (Python's hashlib), byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "agent/statement/attestation.h"
#include "keystore/base/hex.h"

/* Bytes 0 to 31. */
#define NONCE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define VAULT "4711"

static const char ec[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEy+7XF+CVEcdCAtK3SVazu42Z7L4v\n"
    "XY3CrsVSYQcG7uyPNhyXYPY+tZZz/froIhQxEiBaQZNKPaJQGRvn54otog==\n"
    "-----END PUBLIC KEY-----\n";
static const char rsa[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAksf7uQaYLrsX1fH56pME\n"
    "moIAV7nL1shZGL4KvcGWHAt3TGiTX9eFl25apeitHko0QVRpZeTmRPwiHoyERKqY\n"
    "vwjWgrfLd1K6fDHos0YRrvPDQ3NNSI6B7f5AU0ydE1H9IcIyhoD2UmTZsxyxE9FV\n"
    "iux8hNo7TJ7IWy5NL/PpJZ8nqq53RdGFk35wtXgvnDqPRpSUnww+M3d5kEaIL8sC\n"
    "5WsfDP/EbOh9ClTobCm+Pgp+T2eZxQizLVI/0Drk3xV4dNugegA+Y0bUIOO8uYPm\n"
    "T+eMAxxSMHkqsBSzEiafRbOkMDVpscnjE6Du/QmugagPDf5REq02rDDFUOV2h2WF\n"
    "KwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

static EVP_PKEY *
read_key(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);

    BIO_free(bio);
    assert_non_null(key);
    return key;
}

static enum ks_err
qualify(const char *nonce, const char *vault, EVP_PKEY *key, uint8_t first,
        char ret[static 65])
{
    uint8_t certificate[32], q[32] = {0};
    const struct attestation_binding binding = {nonce, vault, key, certificate};
    enum ks_err rc;

    for (uint8_t i = 0; i < 32; i++)
        certificate[i] = (uint8_t)(first + i);
    rc = attestation_qualifying(&binding, q, NULL);
    hex_write(ret, q, sizeof q);
    return rc;
}

static void
qualifying_data_is_the_documents(void **state)
{
    static const struct {
        const char *pem;
        const char *q;
    } vectors[] = {
        {ec, "4fc277e1a878bcb7e59bd69c565fb7b2"
             "cc108ecec9e9c47e8880bc3df2fface1"},
        {rsa, "7b22dcbef8e14aa8f5fe4b3322320f7c"
              "4c2fcdaba932640c4c82d556e7db09d4"},
    };
    char q[65];

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        EVP_PKEY *key = read_key(vectors[i].pem);

        assert_int_equal(qualify(NONCE, VAULT, key, 0xe0, q), KS_OK);
        assert_string_equal(q, vectors[i].q);
        EVP_PKEY_free(key);
    }
}

/* Evidence for one enrolment is none for another. */
static void
each_of_the_four_values_counts(void **state)
{
    EVP_PKEY *key = read_key(ec), *other = EVP_EC_gen("P-256");
    char q[5][65];

    (void)state;
    assert_int_equal(qualify(NONCE, VAULT, key, 0xe0, q[0]), KS_OK);
    assert_int_equal(qualify("BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
                             VAULT, key, 0xe0, q[1]),
                     KS_OK);
    assert_int_equal(qualify(NONCE, "4712", key, 0xe0, q[2]), KS_OK);
    assert_int_equal(qualify(NONCE, VAULT, other, 0xe0, q[3]), KS_OK);
    assert_int_equal(qualify(NONCE, VAULT, key, 0xdf, q[4]), KS_OK);
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(q[i], q[k]);
    EVP_PKEY_free(other);
    EVP_PKEY_free(key);
}

static void
nonce_of_another_form_is_refused(void **state)
{
    static const char *const nonces[] = {
        "",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg",    /* 31 bytes */
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",  /* 33 */
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",   /* a bit too many */
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",  /* padded */
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd+/8",   /* base64 */
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n", /* a line */
    };
    EVP_PKEY *key = read_key(ec);
    char q[65];

    (void)state;
    for (size_t i = 0; i < sizeof nonces / sizeof nonces[0]; i++)
        assert_int_equal(qualify(nonces[i], VAULT, key, 0xe0, q),
                         KS_ERR_NET_REPLY);
    EVP_PKEY_free(key);
}

/* The text of clientDataJSON has no escapes. */
static void
vault_that_is_no_number_is_refused(void **state)
{
    static const char *const vaults[] = {"", "4711\"", "a", "47 11", "4\\7"};
    EVP_PKEY *key = read_key(ec);
    char q[65];

    (void)state;
    for (size_t i = 0; i < sizeof vaults / sizeof vaults[0]; i++)
        assert_int_equal(qualify(NONCE, vaults[i], key, 0xe0, q),
                         KS_ERR_STATEMENT);
    assert_int_equal(qualify(NONCE, "-9223372036854775808", key, 0xe0, q),
                     KS_OK);
    EVP_PKEY_free(key);
}

static void
other_keys_have_no_form(void **state)
{
    EVP_PKEY *keys[] = {EVP_EC_gen("P-384"), EVP_RSA_gen(3072),
                        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
    char q[65];

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_int_equal(qualify(NONCE, VAULT, keys[i], 0xe0, q),
                         KS_ERR_TOKEN_UNSUPPORTED);
        EVP_PKEY_free(keys[i]);
    }
}

static void
modes_have_their_words(void **state)
{
    static const char *const words[] = {"off", "try", "require"};
    enum attestation_mode mode = ATTESTATION_MODE__MAX;

    (void)state;
    for (int i = 0; i < ATTESTATION_MODE__MAX; i++) {
        assert_string_equal(attestation_mode_word((enum attestation_mode)i),
                            words[i]);
        assert_true(attestation_mode_find(words[i], &mode));
        assert_int_equal(mode, i);
    }
    assert_false(attestation_mode_find("", &mode));
    assert_false(attestation_mode_find("Require", &mode));
    assert_false(attestation_mode_find("required", &mode));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qualifying_data_is_the_documents),
        cmocka_unit_test(each_of_the_four_values_counts),
        cmocka_unit_test(nonce_of_another_form_is_refused),
        cmocka_unit_test(vault_that_is_no_number_is_refused),
        cmocka_unit_test(other_keys_have_no_form),
        cmocka_unit_test(modes_have_their_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
