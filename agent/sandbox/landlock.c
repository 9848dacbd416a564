/* SPDX-License-Identifier: Apache-2.0 */
/* Rights that the running kernel's Landlock does not know must not be asked of
 * it, so all rights go by its version. */
#include "agent/sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights of versions newer than the headers that this may be built with. */
#define FS_REFER (1u << 13)     /* 2 */
#define FS_TRUNCATE (1u << 14)  /* 3 */
#define FS_IOCTL_DEV (1u << 15) /* 5 */
#define NET_BIND_TCP (1u << 0)  /* 4 */
#define NET_CONNECT_TCP (1u << 1)
#define RULE_NET_PORT 2
#define SCOPE_ABSTRACT_UNIX_SOCKET (1u << 0)
#define SCOPE_SIGNAL (1u << 1)

/* struct landlock_ruleset_attr as of version 6.  An older kernel takes the
 * longer one where what it does not know is zero. */
struct attributes {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

/* struct landlock_net_port_attr */
struct port_rule {
    uint64_t allowed_access;
    uint64_t port;
};

/* Every right to the file system that this kernel's Landlock knows. */
static uint64_t
file_rights(long abi)
{
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

    if (abi >= 2)
        rights |= FS_REFER;
    if (abi >= 3)
        rights |= FS_TRUNCATE;
    if (abi >= 5)
        rights |= FS_IOCTL_DEV;
    return rights;
}

/* Landlock keeps apart processes of different rule sets, and knows no rule set
 * without a right.  The making of block devices is one that nobody misses;
 * moving between directories would be denied without being named. */
static uint64_t
unneeded_rights(long abi)
{
    return LANDLOCK_ACCESS_FS_MAKE_BLOCK | (abi >= 2 ? FS_REFER : 0u);
}

static bool
allow(int ruleset, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = rights, .parent_fd = open(path, O_PATH | O_CLOEXEC)};
    long rc;

    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == EACCES;
    rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
                 &rule, 0);
    (void)close(rule.parent_fd);
    return rc == 0;
}

static bool
add_rules(int ruleset, const char *const *files, long abi)
{
    bool done = true;

    if (files == NULL)
        return abi < 2 || allow(ruleset, "/", FS_REFER);
    for (; done && *files != NULL; files++)
        done = allow(ruleset, *files, LANDLOCK_ACCESS_FS_READ_FILE);
    return done;
}

static bool
has_ports(const struct sandbox_network *network)
{
    return network != NULL && !network->any_port;
}

static bool
add_ports(int ruleset, const struct sandbox_network *network)
{
    bool done = true;

    for (size_t i = 0; done && has_ports(network) && i < network->count; i++) {
        const struct port_rule rule = {NET_CONNECT_TCP, network->port[i]};

        done = syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule,
                       0) == 0;
    }
    return done;
}

enum ks_err
sandbox_landlock_enter(const char *const *files,
                       const struct sandbox_network *network,
                       struct err_cause *cause)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
                       LANDLOCK_CREATE_RULESET_VERSION);
    struct attributes attributes = {
        .handled_access_fs = files != NULL ? file_rights(abi)
                                           : unneeded_rights(abi)};
    bool done = false;
    int ruleset = -1;

    if (has_ports(network) && abi >= 1 && abi < 4)
        return err_set(cause, KS_ERR_SANDBOX,
                       "to keep a module to ports of TCP takes Landlock's "
                       "version 4; use Linux 6.7 or later, or have root write "
                       "tcp:* in its line in /etc/holdfast/module-network");
    if (has_ports(network))
        attributes.handled_access_net = NET_BIND_TCP | NET_CONNECT_TCP;
    if (abi >= 6)
        attributes.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    if (abi >= 1)
        ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes,
                               sizeof attributes, 0);
    if (ruleset >= 0) {
        done = add_rules(ruleset, files, abi) && add_ports(ruleset, network) &&
               syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
        (void)close(ruleset);
    }
    return done ? KS_OK : err_set_errno(cause, KS_ERR_SANDBOX, "Landlock");
}
