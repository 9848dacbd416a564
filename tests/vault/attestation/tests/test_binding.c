/* SPDX-License-Identifier: Apache-2.0 */
/* The binding of statements, against values that were computed from
 * docs/attestation.md in Python: N is 00 to 1f, V 4711, C 80 to 9f. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "tests/vault/attestation/verifier.h"
#include "tests/vault/service/encoding.h"

#define NONCE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

/* K is P-256's base point; and an RSA modulus of c0 01 02 up to fe 01, which
 * nobody could sign with. */
static const struct {
    const char *challenge;
    size_t authenticator_data_length;
    const char *authenticator_data; /* its SHA-256 */
    const char *qualifying;
} expected[] = {
    {"enKAuJE8g-2CTSsJp7DtFIZ6F-5orxataZh8CLo0RxM", 164,
     "b169ae07797cc398672bf31256e5dd89f428fc9b768e4be9d39bc86f250832af",
     "ec147ffbbd1996008e1b286eaab41128690a20c7f1c407edcded27a47ac9a3df"},
    {"tmeQF-V35ixXs9AvGrh8TGz6gGEBk1R5CeWxPEJOJSs", 359,
     "297ddaabfc3dbcaca2ca27ce7a07fff84f5bc5cd525c16cf3d75dd8bc17c23e9",
     "3c2071e5f4828245c488b20cec8b94043fcbff0543e0c7a43630dd03b0193a14"}};

static EVP_PKEY *
make(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static EVP_PKEY *
base_point(void)
{
    uint8_t point[65];
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();

    assert_true(encoding_from_hex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        point, sizeof point));
    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256",
                                    0);
    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                     sizeof point);
    return make("EC", build);
}

static EVP_PKEY *
modulus(void)
{
    uint8_t bytes[256];
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key;
    BIGNUM *n;

    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    bytes[0] = 0xc0;
    bytes[255] = 1;
    n = BN_bin2bn(bytes, sizeof bytes, NULL);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, 65537);
    key = make("RSA", build);
    BN_free(n);
    return key;
}

static struct attestation_expected
numbers(void)
{
    struct attestation_expected ret = {.nonce = NONCE, .vault = "4711"};

    for (unsigned i = 0; i < 32; i++)
        ret.certificate_sha256[i] = (uint8_t)(0x80 + i);
    return ret;
}

static void
refuses_what_it_cannot_bind(void **state)
{
    EVP_PKEY *key = base_point();
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    struct attestation_expected of = numbers();
    struct attestation_binding binding;

    (void)state;
    assert_false(attestation_bind(&of, other, &binding));
    of.nonce = NONCE "A";
    assert_false(attestation_bind(&of, key, &binding));
    of.nonce = "";
    assert_false(attestation_bind(&of, key, &binding));
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void
binds_as_the_document_says(void **state)
{
    EVP_PKEY *keys[] = {base_point(), modulus()};
    const struct attestation_expected of = numbers();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct attestation_binding binding;
        char text[sizeof binding.client_data];
        char hex[ATTESTATION_HEX];

        assert_true(attestation_bind(&of, keys[i], &binding));
        (void)snprintf(text, sizeof text,
                       "{\"type\":\"webauthn.create\",\"challenge\":\"%s\","
                       "\"origin\":\"urn:holdfast:vault:4711\","
                       "\"crossOrigin\":false}",
                       expected[i].challenge);
        assert_string_equal(binding.client_data, text);
        assert_int_equal(binding.client_data_length, strlen(text));
        assert_int_equal(binding.authenticator_data_length,
                         expected[i].authenticator_data_length);
        assert_true(encoding_hash(binding.authenticator_data,
                                  binding.authenticator_data_length, hex));
        assert_string_equal(hex, expected[i].authenticator_data);
        encoding_hex(binding.qualifying, sizeof binding.qualifying, hex);
        assert_string_equal(hex, expected[i].qualifying);
        EVP_PKEY_free(keys[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_it_cannot_bind),
        cmocka_unit_test(binds_as_the_document_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
