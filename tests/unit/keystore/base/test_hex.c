/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keystore/base/hex.h"

static const uint8_t bytes[] = {0x00, 0x9a, 0xff};

static void
other_texts_are_not_read(void **state)
{
    static const char *const texts[] = {"",        "009af",   "009aff0",
                                        "009aff ", "009aFF",  "009ag0",
                                        "0x9aff",  "00 9aff", "-09aff"};
    uint8_t ret[3];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(hex_read(texts[i], ret, sizeof ret));
    assert_false(hex_read("00", ret, 0));
}

static void
what_is_written_is_read(void **state)
{
    char text[2 * sizeof bytes + 1];
    uint8_t ret[sizeof bytes];

    (void)state;
    hex_write(text, bytes, sizeof bytes);
    assert_string_equal(text, "009aff");
    assert_true(hex_read(text, ret, sizeof ret));
    assert_memory_equal(ret, bytes, sizeof ret);
    hex_write(text, bytes, 0);
    assert_string_equal(text, "");
    assert_true(hex_read(text, ret, 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_texts_are_not_read),
        cmocka_unit_test(what_is_written_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
