/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM that answers with errors: those that pass are waited for, others are
 * said and leave nothing behind. */
#include "tests/contract/tpm2/step.h"

#include <string.h>

/* TPM 2.0 Library, Part 2, 6.6.3 */
#define RC_FAILURE 0x101
#define RC_NV_RATE 0x920
#define RC_RETRY 0x922

/* Before it, all that a process asks is needed: the TPM's word on itself, and a
 * root key. */
#define FIRST_TO_CLEAR 3

/* One command, 14 times more with a wait before each, and 4 times by ESYS. */
#define TRIES_FOR_EVER 19

static void
check_succeeded(unsigned nth, int ended)
{
    if (ended != KS_OK)
        print_error("at command %u\n", nth);
    assert_ks_ok((enum ks_err)ended);
}

static void
busy_tpm_is_waited_for(void **state)
{
    struct tap_fault fault = {
        .action = TAP_ERROR, .times = 2, .rc = RC_NV_RATE};

    (void)state;
    tpm2_step_through(&tpm2_steps[TPM2_STEP_IMPORT_AT_HANDLE], fault,
                      check_succeeded);
    fault.rc = RC_RETRY;
    tpm2_step_through(&tpm2_steps[TPM2_STEP_SIGN], fault, check_succeeded);
}

/* A command that only clears away, or asks for what there is to clear, may
 * fail. */
static void
check_failure(unsigned nth, int ended)
{
    uint32_t code = tap_struck_code(tpm2_case.tap);

    if (ended == KS_OK && nth >= FIRST_TO_CLEAR &&
        (code == CC_FLUSH_CONTEXT || code == CC_GET_CAPABILITY))
        return;
    /* By a TPM that has not failed it is said of a challenge for another. */
    if (ended == KS_ERR_ATTEST_CHALLENGE && code == CC_ACTIVATE_CREDENTIAL)
        return;
    /* What was not flushed is in the way of the next key. */
    if (ended == KS_ERR_TPM_SLOTS && code == CC_FLUSH_CONTEXT)
        return;
    if (ended == KS_OK)
        print_error("at command %u, 0x%x\n", nth, code);
    assert_ks_err(KS_ERR_TOKEN_FAILED, (enum ks_err)ended);
}

static void
failed_command_leaves_nothing(void **state)
{
    tpm2_step_through(*state,
                      (struct tap_fault){.action = TAP_ERROR, .rc = RC_FAILURE},
                      check_failure);
}

static void
busy_tpm_is_not_waited_for_for_ever(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;
    struct keystore_key *key = NULL;
    struct err_cause cause = {.text = ""};

    (void)state;
    contract_id(id);
    tpm2_case_open();
    key = contract_import(P_256, id);
    tap_reset(tpm2_case.tap);
    tap_inject(tpm2_case.tap, &(struct tap_fault){.action = TAP_ERROR,
                                                  .code = CC_SIGN,
                                                  .nth = 1,
                                                  .times = TAP_ALWAYS,
                                                  .rc = RC_RETRY});
    assert_ks_err(KS_ERR_TPM_BUSY, keystore_sign(key, KEYSTORE_ES256, digest,
                                                 &signature, &cause));
    assert_non_null(strstr(cause.text, "TPM2_Sign"));
    assert_int_equal(tap_count(tpm2_case.tap, CC_SIGN), TRIES_FOR_EVER);
    tap_inject(tpm2_case.tap, NULL);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
}

int
contract_tpm2_failed(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(busy_tpm_is_waited_for),
        TPM2_CASE(busy_tpm_is_not_waited_for_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) +
           tpm2_step_run_tests("contract_tpm2_failed",
                               failed_command_leaves_nothing,
                               "failed_command_leaves_nothing");
}
