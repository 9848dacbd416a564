/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/holdfast/session/run.h"

#include "agent/holdfast/session/recorded.h"

enum ks_err
run_start(const struct session *session, const struct token_run *run,
          struct token_client **ret, struct err_cause *cause)
{
    return preflight_start(&session->preflight, state_keys_fd(session->state),
                           run, ret, cause);
}

enum ks_err
run_opened(struct session *session, struct token_client *token,
           struct err_cause *cause)
{
    enum ks_err rc = preflight_opened(&session->preflight, token,
                                      &session->store, cause);

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
