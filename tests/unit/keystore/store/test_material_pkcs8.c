/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/store/material_pkcs8.h: what a store is handed wrapped is the key
 * that was read, and nothing else that was in the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/unit/keystore/credential/fixture.h"
#include "keystore/store/material_pkcs8.h"

#define ARENA (1024 * 1024)

static EVP_PKEY *keys[4]; /* RSA-2048, RSA-4096, P-256, P-384 */

#define KEYS (sizeof keys / sizeof keys[0])

/* KEY as PKCS#8, with an attribute as Windows leaves there (key usage). */
static struct fixture_bytes
with_attribute(EVP_PKEY *key)
{
    static const unsigned char usage[] = {0x03, 0x02, 0x00, 0x10};
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    struct fixture_bytes ret = {NULL, 0};
    int length;

    assert_non_null(info);
    assert_int_equal(PKCS8_pkey_add1_attr_by_NID(info, NID_key_usage,
                                                 V_ASN1_OCTET_STRING, usage,
                                                 sizeof usage),
                     1);
    length = i2d_PKCS8_PRIV_KEY_INFO(info, &ret.bytes);
    assert_true(length > 0);
    ret.length = (size_t)length;
    PKCS8_PRIV_KEY_INFO_free(info);
    return ret;
}

static void
nothing_read_is_nothing_written(void **state)
{
    struct material material = {.type = MATERIAL_P256};
    struct secret *out = NULL;

    (void)state;
    assert_int_equal(material_pkcs8(&material, &out, NULL), KS_ERR_INTERNAL);
    material.content.length = MATERIAL_MAX;
    assert_int_equal(material_pkcs8(&material, &out, NULL), KS_ERR_INTERNAL);
    assert_null(out);
}

static void
key_comes_back_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        struct fixture_bytes der = fixture_pkcs8(keys[i]);
        struct material material;
        struct secret *out = NULL;

        assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                         KS_OK);
        assert_int_equal(material_pkcs8(&material, &out, NULL), KS_OK);
        assert_int_equal(secret_length(out), der.length);
        assert_memory_equal(secret_bytes(out), der.bytes, der.length);
        secret_free(&out);
        fixture_free(&der);
    }
}

static void
attributes_stay_behind(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        struct fixture_bytes plain = fixture_pkcs8(keys[i]);
        struct fixture_bytes der = with_attribute(keys[i]);
        struct material material;
        struct secret *out = NULL;

        assert_true(der.length > plain.length);
        assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                         KS_OK);
        assert_int_equal(material_pkcs8(&material, &out, NULL), KS_OK);
        assert_int_equal(secret_length(out), plain.length);
        assert_memory_equal(secret_bytes(out), plain.bytes, plain.length);
        secret_free(&out);
        fixture_free(&plain);
        OPENSSL_free(der.bytes);
    }
}

/* One of each length that a header can have. */
static void
header_fits_the_content(void **state)
{
    static const size_t lengths[] = {1, 127, 128, 255, 256, MATERIAL_MAX - 4};
    static const size_t headers[] = {2, 2, 3, 3, 4, 4};
    static const uint8_t content[MATERIAL_MAX] = {0x02};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct material material = {.content = {content, lengths[i]}};
        struct secret *out = NULL;
        const unsigned char *at;
        long length;
        int tag;
        int class;

        assert_int_equal(material_pkcs8(&material, &out, NULL), KS_OK);
        assert_int_equal(secret_length(out), headers[i] + lengths[i]);
        at = secret_bytes(out);
        assert_int_equal(ASN1_get_object(&at, &length, &tag, &class,
                                         (long)secret_length(out)),
                         V_ASN1_CONSTRUCTED);
        assert_int_equal(tag, V_ASN1_SEQUENCE);
        assert_int_equal(length, lengths[i]);
        assert_ptr_equal(at, secret_bytes(out) + headers[i]);
        secret_free(&out);
    }
}

static int
begin(void **state)
{
    (void)state;
    if (secret_init(ARENA, NULL) != KS_OK)
        return -1;
    keys[0] = fixture_key("RSA-2048");
    keys[1] = fixture_key("RSA-4096");
    keys[2] = EVP_EC_gen("P-256");
    keys[3] = EVP_EC_gen("P-384");
    return keys[0] && keys[1] && keys[2] && keys[3] ? 0 : -1;
}

static int
end(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++)
        EVP_PKEY_free(keys[i]);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_read_is_nothing_written),
        cmocka_unit_test(key_comes_back_byte_for_byte),
        cmocka_unit_test(attributes_stay_behind),
        cmocka_unit_test(header_fits_the_content),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
