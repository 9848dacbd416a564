/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the machine reaches its token and its vault: what `register` is given is
 * recorded for later commands, and `reconfigure` changes it.  Nothing is
 * recorded before it was looked at, and all of it in memory until the state is
 * saved.
 */
#ifndef AGENT_HOLDFAST_SETTINGS_H
#define AGENT_HOLDFAST_SETTINGS_H

#include "agent/holdfast/options.h"
#include "agent/holdfast/session/net_client.h"
#include "agent/holdfast/state/state.h"

/* The issuers in the file at GIVEN, by its full name, as a later command may
 * run elsewhere.  NULL: those recorded, or else the system's, are looked at and
 * stay.  Errors as of issuers_check(). */
ERR_MUST_USE enum ks_err settings_put_issuers(struct state *state,
                                              const char *given,
                                              struct err_cause *cause);

/* The revocation lists in the file at GIVEN, likewise; "none": no lists from
 * then on.  NULL: those recorded, if any, are looked at and stay.  Errors as of
 * crl_file_check(). */
ERR_MUST_USE enum ks_err settings_put_crls(struct state *state,
                                           const char *given,
                                           struct err_cause *cause);

/* The way CHOSEN as proxy_choose() takes it, with its errors. */
ERR_MUST_USE enum ks_err settings_put_proxy(struct state *state,
                                            const char *chosen,
                                            struct err_cause *cause);

/* The PIN's file, by its full name. */
ERR_MUST_USE enum ks_err settings_put_pin_file(struct state *state,
                                               const char *path,
                                               struct err_cause *cause);

/* By which files OPTIONS or, where they say nothing, STATE has servers judged;
 * the paths are borrowed of them. */
struct net_trust settings_trust(const struct options *options,
                                const struct state *state);

/* Where OPTIONS or, if they say nothing, STATE has the PIN, borrowed of them;
 * NULL asks, as where the recorded file is gone. */
const char *settings_pin_source(const struct options *options,
                                const struct state *state);

#endif
