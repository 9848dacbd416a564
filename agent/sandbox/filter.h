/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's system calls: seccomp(2). */
#ifndef AGENT_SANDBOX_FILTER_H
#define AGENT_SANDBOX_FILTER_H

#include "agent/sandbox/profile.h"
#include "keystore/base/err.h"

/* From here on this process makes PROFILE's system calls alone, with the
 * arguments that it allows. */
ERR_MUST_USE enum ks_err sandbox_filter_enter(enum sandbox_profile profile,
                                              struct err_cause *cause);

/* From here on this process changes no terminal's settings. */
ERR_MUST_USE enum ks_err sandbox_filter_leave_terminal(struct err_cause *cause);

#endif
