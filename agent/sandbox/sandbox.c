/* SPDX-License-Identifier: Apache-2.0 */
/* The profiles: files by Landlock, system calls by seccomp.  A helper of
 * default-deny gets EPERM, so that what it lacks fails as an error of the call
 * that wanted it. */
#include "agent/sandbox/sandbox.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "agent/sandbox/capability.h"
#include "agent/sandbox/filter.h"
#include "agent/sandbox/landlock.h"
#include "agent/sandbox/network.h"

/* Files that resolving a name reads (resolv.conf(5), nsswitch.conf(5)). */
static const char *const resolver_files[] = {
    "/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf", "/etc/host.conf",
    "/etc/gai.conf",    "/etc/services", "/etc/localtime",     NULL};

static const char *const no_files[] = {NULL};

/* Readable files; NULL: the user's, because modules bring their own. */
static const char *const *const files[] = {
    [SANDBOX_CREDENTIAL] = no_files,
    [SANDBOX_TOKEN] = NULL,
    [SANDBOX_INSPECT] = NULL,
    [SANDBOX_NET] = resolver_files,
    [SANDBOX_TCP] = NULL,
    [SANDBOX_UDP] = NULL,
};

_Static_assert(sizeof files / sizeof files[0] == SANDBOX__MAX,
               "every profile has its row");

enum ks_err
sandbox_begin(struct err_cause *cause)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_set_errno(cause, KS_ERR_SANDBOX, "basic restrictions");
    return sandbox_capability_drop(cause);
}

enum ks_err
sandbox_enter(enum sandbox_profile profile, struct err_cause *cause)
{
    enum ks_err rc = sandbox_landlock_enter(files[profile], NULL, cause);

    return rc == KS_OK ? sandbox_filter_enter(profile, cause) : rc;
}

enum ks_err
sandbox_enter_networked(const char *words, struct err_cause *cause)
{
    struct sandbox_network network;
    enum ks_err rc = sandbox_network_parse(words, &network, cause);
    enum sandbox_profile profile = SANDBOX_TCP;

    if (rc != KS_OK)
        return rc;
    if (network.udp)
        profile = SANDBOX_UDP;
    rc = sandbox_landlock_enter(files[profile], &network, cause);
    return rc == KS_OK ? sandbox_filter_enter(profile, cause) : rc;
}

enum ks_err
sandbox_leave_terminal(struct err_cause *cause)
{
    return sandbox_filter_leave_terminal(cause);
}
