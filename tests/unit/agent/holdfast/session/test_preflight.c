/* SPDX-License-Identifier: Apache-2.0 */
/* Exactly one usable token, never "the first". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "agent/holdfast/session/preflight.h"
#include "agent/holdfast/session/tpm_client.h"

#define READY                                                                  \
    (CHANNEL_TOKEN_INITIALISED | CHANNEL_TOKEN_LOGIN_REQUIRED |                \
     CHANNEL_TOKEN_PIN_SET)

static const struct inspect_token tokens[] = {
    {.label = "a", .serial = "1", .maker = "M", .flags = READY},
    {.label = "b", .serial = "2", .maker = "M", .flags = READY},
    {.label = "b", .serial = "3", .maker = "M", .flags = READY},
    {.label = "", .serial = "4", .maker = "M"},
    {.label = "locked", .flags = READY | CHANNEL_TOKEN_PIN_LOCKED},
    {.label = "last", .flags = READY | CHANNEL_TOKEN_PIN_FINAL_TRY},
    {.label = "low", .flags = READY | CHANNEL_TOKEN_PIN_COUNT_LOW},
};

static enum ks_err
choose(struct preflight_match match, size_t *ret)
{
    struct err_cause cause;

    return preflight_choose(&match, tokens, sizeof tokens / sizeof tokens[0],
                            ret, &cause);
}

static void
no_or_several_tokens_are_refused(void **state)
{
    size_t which = 99;

    (void)state;
    assert_int_equal(choose((struct preflight_match){.label = "c"}, &which),
                     KS_ERR_TOKEN_MISSING);
    assert_int_equal(
        choose((struct preflight_match){.label = "a", .serial = "2"}, &which),
        KS_ERR_TOKEN_MISSING);
    assert_int_equal(choose((struct preflight_match){.label = "b"}, &which),
                     KS_ERR_TOKEN_AMBIGUOUS);
    assert_int_equal(choose((struct preflight_match){.maker = "M"}, &which),
                     KS_ERR_TOKEN_AMBIGUOUS);
    assert_int_equal(which, 99);
}

static void
uninitialised_token_is_no_token(void **state)
{
    size_t which;

    (void)state;
    assert_int_equal(choose((struct preflight_match){.serial = "4"}, &which),
                     KS_ERR_TOKEN_MISSING);
}

static void
locked_token_and_last_try_are_refused_before_any_pin(void **state)
{
    size_t which;

    (void)state;
    assert_int_equal(
        choose((struct preflight_match){.label = "locked"}, &which),
        KS_ERR_PIN_LOCKED);
    assert_int_equal(choose((struct preflight_match){.label = "last"}, &which),
                     KS_ERR_PIN_LOCKED);
}

static void
the_one_that_fits_is_chosen(void **state)
{
    size_t which = 99;

    (void)state;
    assert_int_equal(choose((struct preflight_match){.label = "a"}, &which),
                     KS_OK);
    assert_int_equal(which, 0);
    assert_int_equal(
        choose((struct preflight_match){.label = "b", .serial = "3"}, &which),
        KS_OK);
    assert_int_equal(which, 2);
    assert_int_equal(choose((struct preflight_match){.label = "low"}, &which),
                     KS_OK);
    assert_int_equal(which, 6);
}

/* No helper is asked what could not be sent to it. */
static void
uri_over_its_limit_is_told_as_one(void **state)
{
    struct preflight preflight = {.kind = &keystore_kind_none};
    struct tpm_client look;
    struct err_cause cause = {""};
    char uri[LAYOUT_URI_MAX + 2];

    (void)state;
    memset(uri, 'x', sizeof uri - 1);
    uri[sizeof uri - 1] = '\0';
    preflight.uri = uri;
    assert_int_equal(preflight_run(&preflight, "", &cause), KS_ERR_TOKEN_URI);
    assert_string_equal(cause.text, "it is longer than 4095 bytes");
    assert_int_equal(tpm_client_look(uri, "", &look, &cause), KS_ERR_TOKEN_URI);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_or_several_tokens_are_refused),
        cmocka_unit_test(uninitialised_token_is_no_token),
        cmocka_unit_test(locked_token_and_last_try_are_refused_before_any_pin),
        cmocka_unit_test(the_one_that_fits_is_chosen),
        cmocka_unit_test(uri_over_its_limit_is_told_as_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
