/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/base64.h: one text for each sequence of bytes, decoded in
 * place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/keystore/credential/fixture.h"
#include "keystore/credential/base64.h"

static bool
decode(const char *text, uint8_t *bytes, size_t *length)
{
    memcpy(bytes, text, strlen(text));
    return base64_decode(bytes, strlen(text), length);
}

static void
what_is_no_base64_is_refused(void **state)
{
    static const char *const broken[] = {
        "A",     "AA",      "AAA",     "AAAAA",  "=",         "==",
        "====",  "A===",    "AA=A",    "AA=",    "AAA==",     "AA==AAAA",
        "AAA=A", "AA==AA",  "AA==\n=", "AA-A",   "AA_A",      "AA.A",
        "AA\vA", "AAA\x80", "AAA\xff", "<AAAA>", "AAAA&amp;", "AAA*"};
    uint8_t bytes[32];
    size_t length = 77;

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        assert_false(decode(broken[i], bytes, &length));
    assert_int_equal(length, 77);
    memcpy(bytes, "AA\0A", 4);
    assert_false(base64_decode(bytes, 4, &length));
}

/* Two texts of the same bytes could not both be the one that was signed. */
static void
bits_behind_the_last_byte_are_refused(void **state)
{
    uint8_t bytes[8];
    size_t length;

    (void)state;
    assert_true(decode("QQ==", bytes, &length));
    assert_false(decode("QR==", bytes, &length));
    assert_false(decode("QY==", bytes, &length));
    assert_true(decode("QUE=", bytes, &length));
    assert_false(decode("QUF=", bytes, &length));
    assert_false(decode("QUG=", bytes, &length));
}

static void
vectors_of_the_standard_decode(void **state)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"Zg==", "f"},
                                             {"Zm8=", "fo"},
                                             {"Zm9v", "foo"},
                                             {"Zm9vYg==", "foob"},
                                             {"Zm9vYmE=", "fooba"},
                                             {"Zm9vYmFy", "foobar"}};
    uint8_t bytes[32];
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        assert_true(decode(vectors[i][0], bytes, &length));
        assert_int_equal(length, strlen(vectors[i][1]));
        assert_memory_equal(bytes, vectors[i][1], length);
    }
}

static void
blanks_are_passed_over(void **state)
{
    uint8_t bytes[64];
    size_t length;

    (void)state;
    assert_true(decode("\r\n  Zm\t9v\r\n  YmFy\r\n", bytes, &length));
    assert_int_equal(length, 6);
    assert_memory_equal(bytes, "foobar", 6);
    assert_true(decode("Zg= = \n", bytes, &length));
    assert_int_equal(length, 1);
    assert_true(decode(" \r\n", bytes, &length));
    assert_int_equal(length, 0);
}

static void
every_byte_comes_back(void **state)
{
    uint8_t original[256];
    uint8_t decoded[512];

    (void)state;
    for (size_t i = 0; i < sizeof original; i++)
        original[i] = (uint8_t)(i * 7 + 3);
    for (size_t size = 1; size <= sizeof original; size++) {
        char *text = fixture_base64(original, size);
        size_t length;

        assert_true(decode(text, decoded, &length));
        assert_int_equal(length, size);
        assert_memory_equal(decoded, original, size);
        free(text);
    }
}

static void
text_is_told_from_bytes(void **state)
{
    (void)state;
    assert_true(base64_is_text((const uint8_t *)"TUlJ\r\nQUE=", 10));
    assert_true(base64_is_text((const uint8_t *)"", 0));
    assert_false(base64_is_text((const uint8_t *)"MII\0", 4));
    assert_false(base64_is_text((const uint8_t *)"MI\x82", 3));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_base64_is_refused),
        cmocka_unit_test(bits_behind_the_last_byte_are_refused),
        cmocka_unit_test(vectors_of_the_standard_decode),
        cmocka_unit_test(blanks_are_passed_over),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(text_is_told_from_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
