/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/pfx_key.h and keystore/credential/ber.h: a reader that is
 * ours alone, given what no writer makes.  Each text has memory of just its
 * length, so that a sanitizer sees a byte too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "keystore/credential/ber.h"
#include "keystore/store/material.h"
#include "keystore/credential/pfx_key.h"
#include "tests/unit/keystore/credential/pfx_writers.h"

#define ARENA (1024 * 1024)

static EVP_PKEY *rsa_key, *ec_key;

static int
make(void **state)
{
    struct err_cause cause;

    (void)state;
    if (secret_init(ARENA, &cause) != KS_OK)
        return -1;
    rsa_key = fixture_key("RSA-2048");
    ec_key = fixture_key("P-256");
    return 0;
}

static int
end(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa_key);
    EVP_PKEY_free(ec_key);
    return 0;
}

/* Whatever is read must be what material_parse() reads, or too weak for it. */
static enum ks_err
try_bytes(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    struct secret *key = NULL;
    struct material material;
    struct err_cause cause = {""};
    enum ks_err rc;

    if (length > 0)
        memcpy(copy, bytes, length);
    rc = pfx_key_read(copy, length, &key, &cause);
    free(copy);
    assert_true((rc == KS_OK) == (key != NULL));
    assert_true(rc == KS_OK || rc == KS_ERR_CRED_FORMAT ||
                rc == KS_ERR_CRED_WEAK);
    assert_true(rc == KS_OK || cause.text[0] != '\0');
    if (rc == KS_OK)
        rc = material_parse(secret_bytes(key), secret_length(key), &material,
                            NULL);
    secret_free(&key);
    return rc;
}

/* Every form of KEY, to be freed by the caller */
static struct fixture_bytes
form_of(size_t form, EVP_PKEY **ret)
{
    static const struct {
        struct fixture_bytes (*encode)(EVP_PKEY *key);
        bool ec;
    } forms[] = {
        {fixture_pkcs8, false},
        {fixture_pkcs8, true},
        {pfx_writers_long, false},
        {pfx_writers_indefinite, false},
        {pfx_writers_rsa_in_ber, false},
        {pfx_writers_rsa_negative, false},
        {pfx_writers_version_2, false},
        {pfx_writers_ec_explicit, true},
        {pfx_writers_ec_explicit_inside, true},
        {pfx_writers_ec_pieces, true},
        {pfx_writers_ec_compressed, true},
    };

    *ret = NULL;
    if (form >= sizeof forms / sizeof forms[0])
        return (struct fixture_bytes){NULL, 0};
    *ret = forms[form].ec ? ec_key : rsa_key;
    return forms[form].encode(*ret);
}

static void
key_cut_off_at_any_byte_is_none(void **state)
{
    (void)state;
    for (size_t form = 0;; form++) {
        EVP_PKEY *key;
        struct fixture_bytes whole = form_of(form, &key);

        if (key == NULL)
            return;
        assert_int_equal(try_bytes(whole.bytes, whole.length), KS_OK);
        for (size_t length = 0; length < whole.length; length++)
            assert_int_not_equal(try_bytes(whole.bytes, length), KS_OK);
        fixture_free(&whole);
    }
}

/* Read or not, but never beyond the end, nor into something that
 * material_parse() takes for another structure. */
static void
no_altered_byte_leads_outside(void **state)
{
    static const uint8_t masks[] = {0x01, 0x20, 0x80, 0xff};
    size_t refused = 0;

    (void)state;
    for (size_t form = 0;; form++) {
        EVP_PKEY *key;
        struct fixture_bytes whole = form_of(form, &key);

        if (key == NULL)
            break;
        for (size_t i = 0; i < whole.length; i++)
            for (size_t j = 0; j < sizeof masks; j++) {
                whole.bytes[i] ^= masks[j];
                refused += try_bytes(whole.bytes, whole.length) != KS_OK;
                whole.bytes[i] ^= masks[j];
            }
        fixture_free(&whole);
    }
    assert_true(refused > 1000);
}

static void
lengths_that_lie_are_refused(void **state)
{
#define TEXT(...)                                                              \
    {                                                                          \
        {__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__})                        \
    }
    static const struct {
        uint8_t bytes[12];
        size_t length;
    } texts[] = {
        TEXT(0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
        TEXT(0x30, 0x88, 0x80, 0, 0, 0, 0, 0, 0, 0),
        TEXT(0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        TEXT(0x30, 0xff, 0, 0, 0, 0, 0, 0, 0, 0),
        TEXT(0x30, 0x84, 0xff, 0xff, 0xff, 0xf0),
        TEXT(0x30, 0x82, 0x00),
        TEXT(0x30, 0x81),
        TEXT(0x30, 0x01),
        TEXT(0x30, 0x80),
        TEXT(0x30, 0x80, 0x00),
        TEXT(0x30, 0x80, 0x30, 0x80, 0x00, 0x00),
        TEXT(0x02, 0x80, 0x00, 0x00),
        TEXT(0x3f, 0x81, 0x01, 0x00, 0x00),
        TEXT(0x30),
    };
#undef TEXT
    struct der content;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct der from = {texts[i].bytes, texts[i].length};

        assert_false(ber_take(&from, texts[i].bytes[0], &content));
        assert_ptr_equal(from.bytes, texts[i].bytes);
        assert_int_not_equal(try_bytes(texts[i].bytes, texts[i].length), KS_OK);
    }
}

/* Nested without end: neither a deep recursion nor a long search */
static void
depth_is_limited(void **state)
{
    static uint8_t text[65536];

    (void)state;
    for (size_t i = 0; i < sizeof text; i += 2) {
        text[i] = 0x30;
        text[i + 1] = 0x80;
    }
    assert_int_equal(try_bytes(text, sizeof text), KS_ERR_CRED_FORMAT);
    for (size_t i = 0; i < sizeof text; i += 2)
        text[i] = 0x24;
    assert_int_equal(try_bytes(text, sizeof text), KS_ERR_CRED_FORMAT);
}

static void
pieces_are_counted_beyond_the_room(void **state)
{
    static const uint8_t text[] = {0x24, 0x80, 0x04, 0x02, 1, 2,    0x24,
                                   0x04, 0x04, 0x02, 3,    4, 0x00, 0x00};
    struct der from = {text, sizeof text};
    uint8_t room[3] = {0};
    size_t length = 0;

    (void)state;
    assert_true(ber_take_octets(&from, room, sizeof room, &length));
    assert_int_equal(length, 4);
    assert_memory_equal(room, "\1\2\3", 3);
    assert_int_equal(from.left, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_cut_off_at_any_byte_is_none),
        cmocka_unit_test(no_altered_byte_leads_outside),
        cmocka_unit_test(lengths_that_lie_are_refused),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(pieces_are_counted_beyond_the_room),
    };

    return cmocka_run_group_tests(tests, make, end);
}
