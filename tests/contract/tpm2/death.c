/* SPDX-License-Identifier: Apache-2.0 */
/* Death and cut wires at every single command: the next one finishes what was
 * begun, and clears away what was left. */
#include "tests/contract/tpm2/step.h"

#include <signal.h>

static void
check_killed(unsigned nth, int ended)
{
    (void)nth;
    assert_int_equal(ended, -SIGKILL);
}

static void
killed_at_any_command_it_is_finished_by_the_next(void **state)
{
    tpm2_step_through(*state, (struct tap_fault){.action = TAP_KILL},
                      check_killed);
}

/* Without the TPM's first word on itself there is none to come back to. */
static void
check_cut(unsigned nth, int ended)
{
    if (nth <= 2 && ended == KS_ERR_TOKEN_MISSING)
        return;
    if (ended != KS_OK)
        print_error("cut at command %u\n", nth);
    assert_ks_ok((enum ks_err)ended);
}

static void
cut_once_at_any_command_it_succeeds(void **state)
{
    tpm2_step_through(*state, (struct tap_fault){.action = TAP_CUT}, check_cut);
}

static void
check_failed(unsigned nth, int ended)
{
    if (ended == KS_OK || ended == KS_ERR_TOKEN_FAILED ||
        ended == KS_ERR_TOKEN_MISSING)
        return;
    print_error("cut from command %u on\n", nth);
    assert_ks_err(KS_ERR_TOKEN_FAILED, (enum ks_err)ended);
}

static void
cut_for_good_it_fails_and_the_next_succeeds(void **state)
{
    tpm2_step_through(
        *state, (struct tap_fault){.action = TAP_CUT, .times = TAP_ALWAYS},
        check_failed);
}

int
contract_tpm2_killed(void)
{
    return tpm2_step_run_tests("contract_tpm2_killed",
                               killed_at_any_command_it_is_finished_by_the_next,
                               "killed_at_any_command_it_is_finished_by_the_"
                               "next");
}

int
contract_tpm2_cut(void)
{
    return tpm2_step_run_tests("contract_tpm2_cut",
                               cut_once_at_any_command_it_succeeds,
                               "cut_once_at_any_command_it_succeeds") +
           tpm2_step_run_tests("contract_tpm2_cut_for_good",
                               cut_for_good_it_fails_and_the_next_succeeds,
                               "cut_for_good_it_fails_and_the_next_succeeds");
}
