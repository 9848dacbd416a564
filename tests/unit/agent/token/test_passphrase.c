/* SPDX-License-Identifier: Apache-2.0 */
/* Which passphrases and PINs do that come from a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/unit/agent/token/passphrase_case.h"

static void
new_one_that_does_not_do_is_refused(void **state)
{
    static const char *const bad[] = {
        FIFTEEN,
        FIFTEEN "\n",
        "sixteen l\xc3\xa4tters!", /* as UTF-8 */
        "sixteen l\xe4tters!!",    /* as Latin-1 */
        "sixteen\tletters!",
        "two lines of\nsixteen",
        " sixteen letters",
        "sixteen letters ",
        "                    ",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(passphrase_case_start(state), 0);
        if (passphrase_case_read(bad[i], true) != KS_ERR_PASSPHRASE)
            fail_msg("taken: %s", bad[i]);
        passphrase_case_expect_kept("");
        assert_null(strstr(passphrase_case_cause.text, "sixteen"));
    }
}

static void
empty_one_is_refused_of_any_age(void **state)
{
    (void)state;
    assert_int_equal(passphrase_case_read("", true), KS_ERR_PASSPHRASE_NEEDED);
    assert_int_equal(passphrase_case_read("\n", false),
                     KS_ERR_PASSPHRASE_NEEDED);
    passphrase_case_expect_kept("");
}

static void
longest_file_may_end_its_line(void **state)
{
    static const char *const ends[] = {"", "\n", "\r\n"};
    char text[PIN_MAX + 16];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        assert_int_equal(passphrase_case_start(state), 0);
        memset(text, 'x', PIN_MAX);
        strcpy(text + PIN_MAX, ends[i]);
        assert_int_equal(passphrase_case_read(text, true), KS_OK);
        text[PIN_MAX] = '\0';
        passphrase_case_expect_kept(text);
        assert_int_equal(passphrase_case_start(state), 0);
        for (size_t length = PIN_MAX + 1; length < PIN_MAX + 9; length++) {
            memset(text, 'x', length);
            strcpy(text + length, ends[i]);
            assert_int_equal(passphrase_case_read(text, true),
                             KS_ERR_PASSPHRASE_NEEDED);
        }
        passphrase_case_expect_kept("");
    }
}

static void
sixteen_characters_do(void **state)
{
    (void)state;
    assert_int_equal(passphrase_case_read(SIXTEEN "\r\n", true), KS_OK);
    passphrase_case_expect_kept(SIXTEEN);
}

/* HTTP/2 begins so, and a token would count it as a try. */
static void
pin_with_a_control_character_is_refused(void **state)
{
    static const char *const bad[] = {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                                      "12\00134", "1234\x7f\n", "12\n34\n"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        passphrase_case_give(bad[i]);
        assert_int_equal(token_read_pin("", &passphrase_case_cause),
                         KS_ERR_PIN_NEEDED);
        assert_non_null(
            strstr(passphrase_case_cause.text, "control character"));
        passphrase_case_expect_kept("");
    }
    passphrase_case_give("gr\xc3\xbc\xc3\x9f 12\r\n");
    assert_int_equal(token_read_pin("", &passphrase_case_cause), KS_OK);
    passphrase_case_expect_kept("gr\xc3\xbc\xc3\x9f 12");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, passphrase_case_start,               \
                                    passphrase_case_stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_one_that_does_not_do_is_refused),
        TEST(empty_one_is_refused_of_any_age),
        TEST(longest_file_may_end_its_line),
        TEST(pin_with_a_control_character_is_refused),
        TEST(sixteen_characters_do),
    };

    return passphrase_case_run(tests);
}
