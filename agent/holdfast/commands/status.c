/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast status: what is recorded, and what has become of a TPM since.  It
 * first finishes a wipe that a crash cut short, for which no token is needed.
 */
#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/lifetime.h"
#include "agent/holdfast/report/report.h"

/* The exit status is of what is recorded: a TPM that is gone, or another, is
 * told, and is no error of telling it. */
static void
report(const struct state *state, bool json)
{
    struct tpm_change change;

    if (state_phase(state) < STATE_REGISTERED ||
        state_number(state, STATE_LEFT) != 0 ||
        !state_kind(state)->wraps_files) {
        report_state(state, NULL, json);
        return;
    }
    tpm_change_find(state, &change);
    report_state(state, &change, json);
}

enum ks_err
command_status(const struct options *options, struct err_cause *cause)
{
    struct state *state = NULL;
    enum ks_err wiped = KS_OK;
    enum ks_err rc = commands_state(options, false, &state, cause);

    if (rc != KS_OK)
        return rc;
    if (state_phase(state) == STATE_NONE) {
        state_close(&state);
        return err_set(cause, KS_ERR_NOT_REGISTERED, "nothing is recorded");
    }
    if (state_phase(state) == STATE_WIPE_PENDING)
        wiped = registration_wipe(state, NULL, false, cause);
    lifetime_warn(state);
    report(state, options->json);
    if (wiped == KS_OK && state_number(state, STATE_LEFT) != 0)
        wiped = err_set(cause, KS_ERR_NOT_REGISTERED,
                        "it has left the vault; 'holdfast unregister' is still "
                        "to remove its keys");
    if (wiped == KS_OK && !registration_is_finished(state))
        wiped = err_set(cause, KS_ERR_UNFINISHED,
                        "it came as far as \"%s\", and needs %s file",
                        state_phase_name(state_phase(state)),
                        state_phase(state) < STATE_REGISTERED ? "the credential"
                                                              : "no");
    state_close(&state);
    return wiped;
}
