/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fresh runs of holdfast-token on a session's token, each of which is held
 * against the recorded one as it is opened.
 */
#ifndef AGENT_HOLDFAST_SESSION_RUN_H
#define AGENT_HOLDFAST_SESSION_RUN_H

#include "agent/holdfast/session/session.h"

/* Start RUN on the session's token, as token_client_start() does. */
ERR_MUST_USE enum ks_err run_start(const struct session *session,
                                   const struct token_run *run,
                                   struct token_client **ret,
                                   struct err_cause *cause);

/* Wait until TOKEN's run has its store open, and hold that against the recorded
 * token, if there is one.  A refused PIN closes the
 * latch, an accepted one opens it.  Errors as of token_client_opened();
 * KS_ERR_TOKEN_OTHER: it is another. */
ERR_MUST_USE enum ks_err run_opened(struct session *session,
                                    struct token_client *token,
                                    struct err_cause *cause);

/* Start a run without a network and see it opened: to import with MATERIAL, or,
 * with -1, to remove keys.  Errors as of run_opened(), after which *RET is
 * closed.  The caller closes it with token_client_close(). */
ERR_MUST_USE enum ks_err run_open(struct session *session, int material,
                                  struct token_client **ret,
                                  struct err_cause *cause);

#endif
