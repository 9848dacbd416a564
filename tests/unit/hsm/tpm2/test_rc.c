/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of the TPM and of the software before it: each has its error, whichever
 * parameter, handle or session it is about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tss2/tss2_esys.h>

#include "hsm/tpm2/rc.h"

static const struct {
    TSS2_RC rc;
    enum ks_err wanted;
    bool gone;
    bool refused;
} answers[] = {
    /* lockout, refused values: with and without counting */
    {0x921, KS_ERR_PIN_LOCKED, false, false},
    {0x98e, KS_ERR_PIN_WRONG, false, true},
    {0x9a2, KS_ERR_PIN_WRONG, false, true},
    {0x12f, KS_ERR_TOKEN_FAILED, false, false},
    {0x124, KS_ERR_TOKEN_FAILED, false, false},
    {0x99d, KS_ERR_TOKEN_FAILED, false, false},
    /* room */
    {0x902, KS_ERR_TPM_SLOTS, false, false},
    {0x906, KS_ERR_TPM_SLOTS, false, false},
    {0x903, KS_ERR_TPM_SESSIONS, false, false},
    {0x905, KS_ERR_TPM_SESSIONS, false, false},
    {0x901, KS_ERR_TPM_SESSIONS, false, false},
    {0x14b, KS_ERR_TOKEN_FULL, false, false},
    /* handles */
    {0x18b, KS_ERR_KEY_MISSING, false, false},
    {0x14c, KS_ERR_KEY_OTHER, false, false},
    {0x1cd, KS_ERR_TOKEN_FAILED, false, false},
    /* keys and their wrapping */
    {0x1df, KS_ERR_KEY_OTHER, false, false},
    {0x3df, KS_ERR_KEY_OTHER, false, false},
    {0x0a5, KS_ERR_CRED_MISMATCH, false, false},
    {0x2a5, KS_ERR_CRED_MISMATCH, false, false},
    {0x2c7, KS_ERR_TOKEN_UNSUPPORTED, false, false},
    {0x2e6, KS_ERR_TOKEN_UNSUPPORTED, false, false},
    {0x2d2, KS_ERR_TOKEN_UNSUPPORTED, false, false},
    {0x143, KS_ERR_TOKEN_UNSUPPORTED, false, false},
    {0x2c4, KS_ERR_TOKEN_FAILED, false, false},
    {0x2c2, KS_ERR_TOKEN_FAILED, false, false},
    {0x1d5, KS_ERR_TOKEN_FAILED, false, false},
    /* a TPM that is busy, or not itself */
    {0x920, KS_ERR_TPM_BUSY, false, false},
    {0x922, KS_ERR_TPM_BUSY, false, false},
    {0x923, KS_ERR_TPM_BUSY, false, false},
    {0x908, KS_ERR_TPM_BUSY, false, false},
    {0x90a, KS_ERR_TPM_BUSY, false, false},
    {0x100, KS_ERR_TOKEN_FAILED, false, false},
    {0x101, KS_ERR_TOKEN_FAILED, false, false},
    /* what we had there has gone */
    {0x910, KS_ERR_TOKEN_FAILED, true, false},
    {0x918, KS_ERR_TOKEN_FAILED, true, false},
    {0x91e, KS_ERR_TOKEN_FAILED, true, false},
    {0x98b, KS_ERR_KEY_MISSING, true, false},
    {0xa8b, KS_ERR_KEY_MISSING, true, false},
    {0xa000a, KS_ERR_TOKEN_FAILED, true, false},
    {0xa0015, KS_ERR_TOKEN_FAILED, true, false},
    {0x70007, KS_ERR_TOKEN_FAILED, true, false},
    {0x70018, KS_ERR_TOKEN_FAILED, false, false},
    /* the same word of a resource manager in place of the TPM */
    {0xc0902, KS_ERR_TPM_SLOTS, false, false},
    {0xc0903, KS_ERR_TPM_SESSIONS, false, false},
    {0xb0902, KS_ERR_TPM_SLOTS, false, false},
    {0xb0903, KS_ERR_TPM_SESSIONS, false, false},
    {0xb0143, KS_ERR_TOKEN_UNSUPPORTED, false, false},
    {0xb018b, KS_ERR_KEY_MISSING, false, false},
};

static void
parameters_are_told_from_handles_and_sessions(void **state)
{
    static const TSS2_RC parameters[] = {0x1df, 0x2c4, 0x5d5, 0xb02c4};
    static const TSS2_RC others[] = {0x18b, 0x98e, 0x9a2,   0x101,
                                     0x921, 0x902, 0xa000a, 0x701c4};

    (void)state;
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        assert_true(tpm2_rc_is_of_parameter(parameters[i]));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(tpm2_rc_is_of_parameter(others[i]));
}

static void
codes_have_their_error_and_their_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct err_cause cause = {.text = ""};
        TSS2_RC rc = answers[i].rc;
        enum ks_err err = tpm2_rc_set(&cause, rc, "TPM2_Load");

        if (err != answers[i].wanted)
            fail_msg("0x%x: %s", rc, err_name(err));
        if (tpm2_rc_is_gone(rc) != answers[i].gone)
            fail_msg("0x%x: gone or not", rc);
        if (tpm2_rc_is_refused(rc) != answers[i].refused)
            fail_msg("0x%x: refused or not", rc);
        if (strncmp(cause.text, "TPM2_Load: ", 11) != 0 ||
            strlen(cause.text) < 15)
            fail_msg("0x%x: \"%s\"", rc, cause.text);
    }
}

/* Part 2, 6.6.2: bit 6 and bits 8 to 11 say what it is about. */
static void
numbers_of_parameters_and_sessions_do_not_matter(void **state)
{
    (void)state;
    for (TSS2_RC number = 0; number < 16; number++)
        for (TSS2_RC parameter = 0; parameter < 2; parameter++) {
            TSS2_RC about = number << 8 | parameter << 6;

            assert_int_equal(tpm2_rc_base(TPM2_RC_AUTH_FAIL | about),
                             TPM2_RC_AUTH_FAIL);
            assert_int_equal(tpm2_rc_base(TPM2_RC_HANDLE | about),
                             TPM2_RC_HANDLE);
            assert_true(tpm2_rc_is_refused(TPM2_RC_BAD_AUTH | about));
            assert_int_equal(tpm2_rc_set(NULL, TPM2_RC_INTEGRITY | about, ""),
                             KS_ERR_KEY_OTHER);
        }
}

/* The same number means something else there. */
static void
codes_of_other_layers_are_not_the_tpms(void **state)
{
    static const TSS2_RC layers[] = {TSS2_FEATURE_RC_LAYER, TSS2_ESAPI_RC_LAYER,
                                     TSS2_SYS_RC_LAYER, TSS2_MU_RC_LAYER,
                                     TSS2_TCTI_RC_LAYER};

    (void)state;
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        assert_int_equal(tpm2_rc_base(layers[i] | TPM2_RC_BAD_AUTH), 0);
        assert_false(tpm2_rc_is_refused(layers[i] | TPM2_RC_AUTH_FAIL));
        assert_int_equal(tpm2_rc_set(NULL, layers[i] | TPM2_RC_LOCKOUT, ""),
                         KS_ERR_TOKEN_FAILED);
    }
}

static void
a_resource_managers_own_codes_are_not_the_tpms(void **state)
{
    (void)state;
    for (TSS2_RC rc = 1; rc < 0x40; rc++) {
        assert_int_equal(tpm2_rc_base(TSS2_RESMGR_RC_LAYER | rc), 0);
        assert_int_equal(tpm2_rc_base(TSS2_RESMGR_TPM_RC_LAYER | rc), 0);
    }
}

static void
no_code_is_success(void **state)
{
    (void)state;
    for (TSS2_RC rc = 1; rc < 0x1000; rc++)
        for (TSS2_RC layer = 0; layer < 16; layer++)
            if (tpm2_rc_set(NULL, layer << 16 | rc, "TPM2_Sign") == KS_OK)
                fail_msg("0x%x", layer << 16 | rc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_told_from_handles_and_sessions),
        cmocka_unit_test(codes_have_their_error_and_their_words),
        cmocka_unit_test(numbers_of_parameters_and_sessions_do_not_matter),
        cmocka_unit_test(codes_of_other_layers_are_not_the_tpms),
        cmocka_unit_test(a_resource_managers_own_codes_are_not_the_tpms),
        cmocka_unit_test(no_code_is_success),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
