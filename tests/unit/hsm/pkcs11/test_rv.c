/* SPDX-License-Identifier: Apache-2.0 */
/* What Cryptoki's answers mean to the operator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hsm/pkcs11/rv.h"

static const struct {
    CK_RV rv;
    enum ks_err err;
    const char *text;
} answers[] = {
    {CKR_PIN_INCORRECT, KS_ERR_PIN_WRONG, "C_Login: CKR_PIN_INCORRECT"},
    {CKR_PIN_LEN_RANGE, KS_ERR_PIN_WRONG, "C_Login: CKR_PIN_LEN_RANGE"},
    {CKR_PIN_LOCKED, KS_ERR_PIN_LOCKED, "C_Login: CKR_PIN_LOCKED"},
    {CKR_USER_NOT_LOGGED_IN, KS_ERR_PIN_NEEDED,
     "C_Login: CKR_USER_NOT_LOGGED_IN"},
    {CKR_DEVICE_MEMORY, KS_ERR_TOKEN_FULL, "C_Login: CKR_DEVICE_MEMORY"},
    {CKR_DEVICE_REMOVED, KS_ERR_TOKEN_MISSING, "C_Login: CKR_DEVICE_REMOVED"},
    {CKR_TOKEN_NOT_PRESENT, KS_ERR_TOKEN_MISSING,
     "C_Login: CKR_TOKEN_NOT_PRESENT"},
    {CKR_OBJECT_HANDLE_INVALID, KS_ERR_KEY_MISSING,
     "C_Login: CKR_OBJECT_HANDLE_INVALID"},
    {CKR_KEY_HANDLE_INVALID, KS_ERR_KEY_MISSING,
     "C_Login: CKR_KEY_HANDLE_INVALID"},
    {CKR_MECHANISM_INVALID, KS_ERR_TOKEN_UNSUPPORTED,
     "C_Login: CKR_MECHANISM_INVALID"},
    {CKR_TEMPLATE_INCONSISTENT, KS_ERR_TOKEN_UNSUPPORTED,
     "C_Login: CKR_TEMPLATE_INCONSISTENT"},
    {CKR_CURVE_NOT_SUPPORTED, KS_ERR_TOKEN_UNSUPPORTED,
     "C_Login: CKR_CURVE_NOT_SUPPORTED"},
    {CKR_SESSION_HANDLE_INVALID, KS_ERR_TOKEN_FAILED,
     "C_Login: CKR_SESSION_HANDLE_INVALID"},
    {CKR_GENERAL_ERROR, KS_ERR_TOKEN_FAILED, "C_Login: CKR_GENERAL_ERROR"},
    /* not in the list: the number must do */
    {CKR_VENDOR_DEFINED | 0x1234, KS_ERR_TOKEN_FAILED,
     "C_Login: return value 0x80001234"},
    {(CK_RV)-1, KS_ERR_TOKEN_FAILED,
     "C_Login: return value 0xffffffffffffffff"},
};

static void
answers_have_their_error_and_their_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct err_cause cause = {.text = ""};
        enum ks_err rc = pkcs11_rv_set(&cause, answers[i].rv, "C_Login");

        if (rc != answers[i].err)
            fail_msg("%s: %s", answers[i].text, err_name(rc));
        assert_string_equal(cause.text, answers[i].text);
    }
}

/* No answer may count as success, whatever its value, with or without a cause
 * to write to. */
static void
no_answer_is_success(void **state)
{
    (void)state;
    for (CK_RV rv = 1; rv < 0x400; rv++) {
        enum ks_err rc = pkcs11_rv_set(NULL, rv, "C_Sign");

        if (rc < KS_ERR_TOKEN_URI || rc > KS_ERR_PIN_LOCKED)
            fail_msg("0x%lx: %s", rv, err_name(rc));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_have_their_error_and_their_name),
        cmocka_unit_test(no_answer_is_success),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
