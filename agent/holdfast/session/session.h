/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command's dealings with the machine's token and vault: which token, by
 * which PIN, and fresh runs of the helpers on it.  `register` records the token
 * in its first session; all later ones have to find that one.
 */
#ifndef AGENT_HOLDFAST_SESSION_SESSION_H
#define AGENT_HOLDFAST_SESSION_SESSION_H

#include "agent/holdfast/session/net_client.h"
#include "agent/holdfast/session/preflight.h"
#include "agent/holdfast/settings.h"
#include "agent/holdfast/state/state.h"

struct session {
    struct state *state; /* borrowed */
    struct settings settings;
    struct preflight preflight;
    struct keystore_info store; /* of the run opened last */
    bool anew;   /* the caller records what the token says of itself now */
    bool silent; /* standard error is another program's: nothing is told */
};

/* A session that was never opened; closing it does nothing. */
#define SESSION_EMPTY                                                          \
    {                                                                          \
        .store.kind = &keystore_kind_none, .preflight.pin = -1,                \
        .preflight.source.fd = -1                                              \
    }

/* Look the token up and get its PIN, both as OPTIONS or else STATE have them.
 * OPTIONS are not needed after the session.  Errors as of preflight_run();
 * KS_ERR_USAGE: there is no token named; proxy_choose()'s, of an option.  The
 * caller ends it with session_close() in any case. */
ERR_MUST_USE enum ks_err session_open(struct session *session,
                                      const struct options *options,
                                      struct state *state,
                                      struct err_cause *cause);
void session_close(struct session *session);

/* Start a run of holdfast-token on the session's token. */
ERR_MUST_USE enum ks_err session_start(const struct session *session,
                                       const struct token_run *run,
                                       struct token_client **ret,
                                       struct err_cause *cause);

/* See it opened, on the recorded token, if one is.  KS_ERR_TOKEN_OTHER: it is
 * another. */
ERR_MUST_USE enum ks_err session_opened(struct session *session,
                                        struct token_client *token,
                                        struct err_cause *cause);

/* Both, for a run that has no network: to import with MATERIAL, or, with -1, to
 * remove keys. */
ERR_MUST_USE enum ks_err session_run(struct session *session, int material,
                                     struct token_client **ret,
                                     struct err_cause *cause);

/* Make the token's objects durable.  A token that keeps them in files may have
 * flushed none, and on which file system they are is its secret: all of them
 * are flushed. */
void session_flush(const struct session *session);

/* Remove from the token the key whose id is recorded under WHICH, if one is and
 * it is still there. */
ERR_MUST_USE enum ks_err session_remove_key(const struct session *session,
                                            struct token_client *token,
                                            enum state_text which,
                                            struct err_cause *cause);

#endif
