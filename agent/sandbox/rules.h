/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of the profiles as libseccomp's filters.  Used when Holdfast is
 * built, by agent/sandbox/compile.c: no helper links libseccomp.
 */
#ifndef AGENT_SANDBOX_RULES_H
#define AGENT_SANDBOX_RULES_H

#include <seccomp.h>

enum sandbox_rules {
    SANDBOX_RULES_CREDENTIAL,
    SANDBOX_RULES_NET,
    /* For token and inspect. */
    SANDBOX_RULES_MODULE_ARGUMENTS,
    SANDBOX_RULES_MODULE_TERMINAL,
    SANDBOX_RULES_MODULE_CALLS,
    /* The same of a module that has the network: of agent/sandbox/network.h. */
    SANDBOX_RULES_NETWORKED_ARGUMENTS,
    SANDBOX_RULES_TCP_CALLS,
    SANDBOX_RULES_UDP_CALLS
};

/* The caller releases the filter (seccomp_release(3)); NULL when libseccomp
 * refuses a rule, or has no memory. */
scmp_filter_ctx sandbox_rules_filter(enum sandbox_rules rules);

#endif
