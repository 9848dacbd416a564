/* SPDX-License-Identifier: Apache-2.0 */
/* Must never make a call that could succeed: each trial is an error of its
 * arguments to a kernel that has the call. */
#include "keystore/base/kernel_call.h"

#include <errno.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const names[] = {
    [KERNEL_CALL_OPENAT2] = "openat2",
    [KERNEL_CALL_CLOSE_RANGE] = "close_range",
    [KERNEL_CALL_MEMFD_CREATE] = "memfd_create",
    [KERNEL_CALL_LANDLOCK] = "landlock_create_ruleset",
    [KERNEL_CALL_SECCOMP] = "prctl(PR_SET_SECCOMP)",
};

_Static_assert(sizeof names / sizeof names[0] == KERNEL_CALL__MAX,
               "every call has its name");

/* No size, an end before the beginning, no such flag, no program. */
static long
attempt(enum kernel_call call)
{
    switch (call) {
    case KERNEL_CALL_OPENAT2:
        return syscall(SYS_openat2, -1, NULL, NULL, 0);
    case KERNEL_CALL_CLOSE_RANGE:
        return syscall(SYS_close_range, 1, 0, 0);
    case KERNEL_CALL_MEMFD_CREATE:
        return syscall(SYS_memfd_create, "", ~0u);
    case KERNEL_CALL_LANDLOCK:
        return syscall(SYS_landlock_create_ruleset, NULL, 0,
                       LANDLOCK_CREATE_RULESET_VERSION);
    case KERNEL_CALL_SECCOMP:
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL);
    case KERNEL_CALL__MAX:
        break;
    }
    errno = EINVAL;
    return -1;
}

enum ks_err
kernel_call_check(enum kernel_call call, struct err_cause *cause)
{
    int before = errno;
    int why;

    errno = 0;
    (void)attempt(call);
    why = errno;
    errno = before;
    if (why == EPERM || why == EACCES)
        return err_set(cause, KS_ERR_KERNEL_CALL,
                       "a filter around it, as of a container or a service, "
                       "refuses %s",
                       names[call]);
    if (why == ENOSYS && call != KERNEL_CALL_LANDLOCK)
        return err_set(cause, KS_ERR_KERNEL_CALL,
                       "the kernel, or a filter around it, as of a container "
                       "or a service, has no %s",
                       names[call]);
    return KS_OK;
}

enum ks_err
kernel_call_fail(enum kernel_call call, struct err_cause *cause,
                 enum ks_err err, const char *what)
{
    enum ks_err rc = kernel_call_check(call, cause);

    return rc == KS_OK ? err_set_errno(cause, err, what) : rc;
}
