/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/holdfast/session/run.h"

#include "agent/holdfast/session/pin.h"
#include "agent/holdfast/session/recorded.h"

enum ks_err
run_start(const struct session *session, const struct token_run *run,
          struct token_client **ret, struct err_cause *cause)
{
    const struct preflight *preflight = &session->preflight;
    const struct token_access access = {.uri = preflight->uri,
                                        .serial = preflight->serial,
                                        .module = preflight->module,
                                        .emulation = preflight->emulation,
                                        .registered = preflight->registered,
                                        .keys = state_keys_fd(session->state),
                                        .pin = preflight->pin};

    return token_client_start(&access, run, ret, cause);
}

/* A PIN that was refused once is not tried again by itself: tokens count. */
static enum ks_err
latch_pin(const struct preflight *preflight, enum ks_err opened,
          struct err_cause *cause)
{
    enum ks_err rc;

    if (opened == KS_OK && preflight->pin >= 0)
        pin_latch_clear(preflight->state_directory);
    if (opened != KS_ERR_PIN_WRONG)
        return opened;
    rc = pin_latch_set(preflight->state_directory, preflight->serial,
                       &preflight->source, NULL);
    return rc == KS_OK
               ? opened
               : err_set(cause, rc,
                         "the token refused the PIN, and that is not "
                         "recorded; correct the PIN before another try");
}

enum ks_err
run_opened(struct session *session, struct token_client *token,
           struct err_cause *cause)
{
    enum ks_err rc = token_client_opened(token, &session->store, cause);

    rc = latch_pin(&session->preflight, rc, cause);
    return rc == KS_OK ? recorded_check(session, cause) : rc;
}

enum ks_err
run_open(struct session *session, int material, struct token_client **ret,
         struct err_cause *cause)
{
    const struct token_run run = {STATEMENT_PHASE_IMPORT, -1, material};
    enum ks_err rc = run_start(session, &run, ret, cause);

    if (rc == KS_OK)
        rc = run_opened(session, *ret, cause);
    if (rc != KS_OK)
        token_client_close(ret);
    return rc;
}
