/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/holdfast/policy/pcr_list.h"

static void
each_number_has_its_bit(void **state)
{
    static const struct {
        const char *text;
        uint32_t pcrs;
    } right[] = {
        {"none", 0},       {"0", 1},
        {"7", 0x80},       {"0,7", 0x81},
        {"7,0", 0x81},     {"23", 0x800000},
        {"10,2,4", 0x414}, {"0,1,2,3,4,5,6,7", 0xff},
        {"9,19", 0x80200},
    };
    uint32_t pcrs;

    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        assert_true(pcr_list_read(right[i].text, &pcrs));
        assert_int_equal(pcrs, right[i].pcrs);
    }
}

static void
all_else_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",     ",",   "0,",       ",0",    "0,,7",       "24",
        "100",  "-1",  "+1",       "07",    "00",         "0 ,7",
        " 0",   "0 ",  "0-7",      "0,7,0", "all",        "none,",
        "None", "0;7", "sha256:0", "0x7",   "4294967296",
    };
    uint32_t pcrs;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        pcrs = 7;
        if (pcr_list_read(wrong[i], &pcrs) || pcrs != 0)
            fail_msg("\"%s\" was read", wrong[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_has_its_bit),
        cmocka_unit_test(all_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
