/* SPDX-License-Identifier: Apache-2.0 */
/* Compact JWS: encoding by RFC 7515's own examples, signing with a real key of
 * the soft store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "agent/statement/jws.h"
#include "agent/statement/statement.h"
#include "keystore/store/backend.h"

static const struct keystore_ops *const backends[] = {&keystore_soft_ops, NULL};
static const uint8_t id[KEYSTORE_ID_LENGTH] = {1};

static void
base64url_is_that_of_rfc_7515(void **state)
{
    const uint8_t octets[] = {3, 236, 255, 224, 193};
    char text[16];

    (void)state;
    jws_base64url(octets, sizeof octets, text);
    assert_string_equal(text, "A-z_4ME");
    jws_base64url(octets, 0, text);
    assert_string_equal(text, "");
}

static size_t
decode(const char *text, size_t length, uint8_t *ret)
{
    char padded[2048];
    int n;

    assert_true(length + 4 < sizeof padded);
    memcpy(padded, text, length);
    for (size_t i = 0; i < length; i++)
        padded[i] = (char)(padded[i] == '-'   ? '+'
                           : padded[i] == '_' ? '/'
                                              : padded[i]);
    memcpy(padded + length, "===", (4 - length % 4) % 4);
    n = EVP_DecodeBlock(ret, (unsigned char *)padded,
                        (int)(length + (4 - length % 4) % 4));
    assert_true(n > 0);
    return (size_t)n - (4 - length % 4) % 4;
}

static void
signed_text_verifies_with_the_public_key(void **state)
{
    char directory[] = "/tmp/holdfast-jws-XXXXXX";
    char uri[64], command[64];
    struct keystore_config config = {
        .uri = uri, .keys_fd = -1, .allow_emulation = true};
    struct err_cause cause;
    struct keystore *ks = NULL;
    struct keystore_key *key = NULL;
    json_t *header = json_pack("{s:s}", "typ", "test+jwt");
    json_t *claims = json_pack("{s:i}", "answer", 42);
    struct keystore_signature signature = {.length = 64};
    struct statement_bytes signed_part = {.length = 0};
    uint8_t json[256] = "";
    const char *dot, *second;
    char *text = NULL;

    (void)state;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(uri, sizeof uri, "soft:%s", directory);
    assert_int_equal(keystore_open(backends, &config, &ks, &cause), KS_OK);
    assert_int_equal(
        keystore_generate(ks, id, "test", MATERIAL_P256, &key, &cause), KS_OK);
    assert_int_equal(
        jws_sign(key, KEYSTORE_ES256, header, claims, &text, &cause), KS_OK);
    dot = strchr(text, '.');
    second = strchr(dot + 1, '.');
    decode(text, (size_t)(dot - text), json);
    assert_string_equal((char *)json,
                        "{\"alg\":\"ES256\",\"typ\":\"test+jwt\"}");
    assert_int_equal(decode(second + 1, strlen(second + 1), signature.bytes),
                     64);
    signed_part.content = (uint8_t *)text;
    signed_part.length = (size_t)(second - text);
    assert_int_equal(statement_verify(keystore_key_public(key), KEYSTORE_ES256,
                                      &signed_part, &signature, &cause),
                     KS_OK);
    text[0] = 'f';
    assert_int_equal(statement_verify(keystore_key_public(key), KEYSTORE_ES256,
                                      &signed_part, &signature, &cause),
                     KS_ERR_TOKEN_FAILED);
    free(text);
    keystore_key_free(&key);
    keystore_close(&ks);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

static void
statement_that_is_too_long_is_refused(void **state)
{
    char *big = calloc(1, JWS_MAX);
    json_t *header = json_object();
    json_t *claims;
    struct err_cause cause;
    char *text = NULL;

    (void)state;
    memset(big, 'x', JWS_MAX - 1);
    claims = json_pack("{s:s}", "x", big);
    assert_int_equal(
        jws_sign(NULL, KEYSTORE_ES256, header, claims, &text, &cause),
        KS_ERR_INTERNAL);
    assert_null(text);
    free(big);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64url_is_that_of_rfc_7515),
        cmocka_unit_test(statement_that_is_too_long_is_refused),
        cmocka_unit_test(signed_text_verifies_with_the_public_key),
    };
    struct err_cause cause;

    if (secret_init(1 << 18, &cause) != KS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
