/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: one file each, but for backup, restore and snapshots, which run
 * restic from one.  agent/holdfast/main.c has their table. */
#ifndef AGENT_HOLDFAST_COMMANDS_COMMANDS_H
#define AGENT_HOLDFAST_COMMANDS_COMMANDS_H

#include "agent/holdfast/options.h"
#include "agent/holdfast/state/state.h"

ERR_MUST_USE enum ks_err command_show(const struct options *options,
                                      struct err_cause *cause);
ERR_MUST_USE enum ks_err command_register(const struct options *options,
                                          struct err_cause *cause);
ERR_MUST_USE enum ks_err command_reconfigure(const struct options *options,
                                             struct err_cause *cause);
ERR_MUST_USE enum ks_err command_status(const struct options *options,
                                        struct err_cause *cause);
ERR_MUST_USE enum ks_err command_unregister(const struct options *options,
                                            struct err_cause *cause);
ERR_MUST_USE enum ks_err command_token_list(const struct options *options,
                                            struct err_cause *cause);
ERR_MUST_USE enum ks_err command_attest(const struct options *options,
                                        struct err_cause *cause);

ERR_MUST_USE enum ks_err command_backup(const struct options *options,
                                        struct err_cause *cause);
ERR_MUST_USE enum ks_err command_restore(const struct options *options,
                                         struct err_cause *cause);
ERR_MUST_USE enum ks_err command_snapshots(const struct options *options,
                                           struct err_cause *cause);
ERR_MUST_USE enum ks_err command_passphrase(const struct options *options,
                                            struct err_cause *cause);
ERR_MUST_USE enum ks_err command_relay(const struct options *options,
                                       struct err_cause *cause);

/* The state that OPTIONS name, or the default one. */
ERR_MUST_USE enum ks_err commands_state(const struct options *options,
                                        bool create, struct state **ret,
                                        struct err_cause *cause);

/* The same of a registration that is there, waiting up to ten seconds for
 * another command that is just at work on it: no reason to break a backup. */
ERR_MUST_USE enum ks_err commands_state_waiting(const struct options *options,
                                                struct state **ret,
                                                struct err_cause *cause);

#endif
