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

/* See it opened, on the recorded token, if one is.  A refused PIN closes the
 * latch, an accepted one opens it.  Errors as of token_client_opened();
 * KS_ERR_TOKEN_OTHER: it is another. */
ERR_MUST_USE enum ks_err run_opened(struct session *session,
                                    struct token_client *token,
                                    struct err_cause *cause);

/* Both, for a run that has no network: to import with MATERIAL, or, with -1, to
 * remove keys. */
ERR_MUST_USE enum ks_err run_open(struct session *session, int material,
                                  struct token_client **ret,
                                  struct err_cause *cause);

#endif
