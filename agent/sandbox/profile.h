/* SPDX-License-Identifier: Apache-2.0 */
/* The profiles, one for each kind of helper: what it is left with. */
#ifndef AGENT_SANDBOX_PROFILE_H
#define AGENT_SANDBOX_PROFILE_H

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

#endif
