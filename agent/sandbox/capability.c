/* SPDX-License-Identifier: Apache-2.0 */
/* Without libcap, which the helpers would have to link for three calls. */
#include "agent/sandbox/capability.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* CAP_IPC_LOCK, which root had, put no limit on what is locked.  Who has no
 * right to raise the limit keeps his own. */
static void
keep_locking_memory(void)
{
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

    (void)setrlimit(RLIMIT_MEMLOCK, &all);
}

/* The kernel knows the bounding set's last capability, and answers EINVAL to
 * the next number.  A process without CAP_SETPCAP may not drop any: the set
 * limits an exec alone, which no_new_privs and the profiles forbid. */
static bool
empty_bounding_set(void)
{
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0;
         cap++)
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
            return errno == EPERM;
    return true;
}

enum ks_err
sandbox_capability_drop(struct err_cause *cause)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
        {0, 0, 0}};

    keep_locking_memory();
    if (!empty_bounding_set() ||
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
        syscall(SYS_capset, &header, none) != 0)
        return err_set_errno(cause, KS_ERR_SANDBOX, "capabilities");
    return KS_OK;
}
