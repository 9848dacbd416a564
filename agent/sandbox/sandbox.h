/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper gives up its rights before it touches anything from outside: first
 * what every process gives up, then, once its libraries and files are open, the
 * rest. Entered once, never left.
 */
#ifndef AGENT_SANDBOX_SANDBOX_H
#define AGENT_SANDBOX_SANDBOX_H

#include "keystore/base/err.h"

enum sandbox_profile {
    /* No files, no sockets, nothing but its descriptors. */
    SANDBOX_CREDENTIAL,
    /* No network, no program or process, nothing of another process; modules
     * may open their own files and the UNIX socket of a smart card service. */
    SANDBOX_TOKEN,
    SANDBOX_INSPECT,
    /* TCP and UDP to the vault and the resolver, the resolver's files to read:
     * no other file, no AF_UNIX, no exec, no ptrace, no signal, no listening.
     */
    SANDBOX_NET,
    /* As SANDBOX_TOKEN and _INSPECT, and TCP as well, or TCP and UDP: for a
     * module that an administrator lets reach the network. */
    SANDBOX_TCP,
    SANDBOX_UDP,
    SANDBOX__MAX
};

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
