/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "keystore/base/base64url.h"

static void
texts_of_every_length_are_read(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        uint8_t bytes[6];
    } right[] = {
        {"", 0, {0}},
        {"AA", 1, {0}},
        {"_w", 1, {0xff}},
        {"A-w", 2, {3, 236}},
        {"A-z_", 3, {3, 236, 255}},
        {"A-z_4ME", 5, {3, 236, 255, 224, 193}}, /* RFC 7515, appendix C */
    };
    uint8_t bytes[6];
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        assert_true(
            base64url_read(right[i].text, bytes, right[i].length, &length));
        assert_int_equal(length, right[i].length);
        assert_memory_equal(bytes, right[i].bytes, length);
    }
}

static void
longer_than_there_is_room_is_refused(void **state)
{
    uint8_t bytes[6];
    size_t length;

    (void)state;
    for (size_t room = 0; room < 5; room++) {
        memset(bytes, 0xa5, sizeof bytes);
        assert_false(base64url_read("A-z_4ME", bytes, room, &length));
        assert_int_equal(bytes[room], 0xa5);
    }
}

static void
other_forms_and_second_spellings_are_refused(void **state)
{
    static const char *const wrong[] = {
        "A",    "AAAAA",        /* six bits are no byte */
        "AB",   "_x",    "AAB", /* bits behind the last byte */
        "AA==", "AA=",          /* padded */
        "A+z/",                 /* base64 */
        " AA",  "AA\n",  "A A", "\xc3\xa4", "A.",
    };
    uint8_t bytes[8];
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (base64url_read(wrong[i], bytes, sizeof bytes, &length))
            fail_msg("%s was read", wrong[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_every_length_are_read),
        cmocka_unit_test(longer_than_there_is_room_is_refused),
        cmocka_unit_test(other_forms_and_second_spellings_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
