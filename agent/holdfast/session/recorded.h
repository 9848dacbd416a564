/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which token it is: recorded by the first run, and held against by later ones,
 * by what the token says of itself.  The file of its module belongs to somebody
 * else's package, and is another one after each update.
 */
#ifndef AGENT_HOLDFAST_SESSION_RECORDED_H
#define AGENT_HOLDFAST_SESSION_RECORDED_H

#include "agent/holdfast/session/session.h"

/* Hold the token that was opened against the recorded one, or record it where
 * none is.  A module's file or names that have changed are recorded anew and
 * told.  KS_ERR_TOKEN_OTHER: it is another token. */
ERR_MUST_USE enum ks_err recorded_check(const struct session *session,
                                        struct err_cause *cause);

/* Record, in memory, by which module the token was opened and what it calls
 * itself. */
void recorded_put_module(const struct session *session);

/* Tell of such a change, once, on standard error. */
void recorded_tell_update(struct state *state);

#endif
