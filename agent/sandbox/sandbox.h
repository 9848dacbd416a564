/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rights that a helper gives up before it touches anything from outside:
 * first those that every program gives up, then, once its libraries and files
 * are open, the others.  A sandbox is entered once and never left.
 */
#ifndef AGENT_SANDBOX_SANDBOX_H
#define AGENT_SANDBOX_SANDBOX_H

#include "agent/sandbox/profile.h"
#include "keystore/base/err.h"

/* First thing in main: no core files, not dumpable, no new privileges, and no
 * capabilities, so that root is an ordinary owner. */
ERR_MUST_USE enum ks_err sandbox_begin(struct err_cause *cause);

/* Enter the profile.  A kernel that cannot do what the profile promises
 * (seccomp, Landlock) is KS_ERR_SANDBOX. */
ERR_MUST_USE enum ks_err sandbox_enter(enum sandbox_profile profile,
                                       struct err_cause *cause);

/* The same of a module's profile, with the network that WORDS name
 * (agent/sandbox/network.h).  Ports that this kernel's Landlock cannot keep to
 * are KS_ERR_SANDBOX. */
ERR_MUST_USE enum ks_err sandbox_enter_networked(const char *words,
                                                 struct err_cause *cause);

/* After SANDBOX_TOKEN has asked for what it asks for, and before a module is
 * loaded: from here on no terminal's settings are changed, by which keys would
 * send other signals than their user means.  SANDBOX_INSPECT has it from the
 * start, the other two change nothing of a terminal. */
ERR_MUST_USE enum ks_err sandbox_leave_terminal(struct err_cause *cause);

#endif
