/* SPDX-License-Identifier: Apache-2.0 */
/* Times of the certificates that there are, and numbers that are none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "keystore/base/time_text.h"

static void
each_is_as_rfc_3339_has_it(void **state)
{
    static const struct {
        time_t time;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {2147483648, "2038-01-19T03:14:08Z"},
        {253402300799, "9999-12-31T23:59:59Z"}, /* RFC 5280, 4.1.2.5 */
        {-1, "1969-12-31T23:59:59Z"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    char text[TIME_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        time_text(rows[i].time, text);
        assert_string_equal(text, rows[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_as_rfc_3339_has_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
