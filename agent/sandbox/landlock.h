/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's files, and other processes: landlock(7). */
#ifndef AGENT_SANDBOX_LANDLOCK_H
#define AGENT_SANDBOX_LANDLOCK_H

#include "agent/sandbox/network.h"

/* From here on this process reads FILES (NULL at the end) and reaches no other
 * one; those that are not there are left out.  With FILES NULL the files are
 * left as they are.  With NETWORK, or NULL, TCP goes to its ports alone, which
 * takes Landlock's version 4, unless it may go to all.
 *
 * Either way no process outside can be traced or have its memory read, whatever
 * the calls or the path under /proc, nothing is mounted, and where the kernel
 * knows it (Landlock's version 6) signals and abstract UNIX sockets of others
 * are out of reach.  A kernel without Landlock is KS_ERR_SANDBOX. */
ERR_MUST_USE enum ks_err
sandbox_landlock_enter(const char *const *files,
                       const struct sandbox_network *network,
                       struct err_cause *cause);

#endif
