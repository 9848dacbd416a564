/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The administrator's file of modules that may reach the network: a line is a
 * module's absolute path and words of agent/sandbox/network.h; '#' begins a
 * comment.  Without the file, or a line, a module reaches nothing.
 */
#ifndef AGENT_HOLDFAST_POLICY_MODULE_NETWORK_H
#define AGENT_HOLDFAST_POLICY_MODULE_NETWORK_H

#include "agent/sandbox/network.h"

/* The words for the module at MODULE, by its real path; "": it has no line.
 * KS_ERR_TOKEN_NETWORK: the file cannot be read, others than root could have
 * changed it or a directory on its way, or the line is none. */
ERR_MUST_USE enum ks_err
module_network_find(const char *module, char ret[static SANDBOX_NETWORK_WORDS],
                    struct err_cause *cause);

#endif
