/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that are newer than filters people run programs behind: a
 * container's, or SystemCallFilter= of a service.  What such a filter refuses
 * is no fault of the file, the user or the installation, and is told apart by
 * making the call with arguments that the kernel itself refuses otherwise.
 */
#ifndef KEYSTORE_BASE_KERNEL_CALL_H
#define KEYSTORE_BASE_KERNEL_CALL_H

#include "keystore/base/err.h"

enum kernel_call {
    KERNEL_CALL_OPENAT2,      /* Linux 5.6 */
    KERNEL_CALL_CLOSE_RANGE,  /* 5.9 */
    KERNEL_CALL_MEMFD_CREATE, /* 3.17 */
    KERNEL_CALL_LANDLOCK,     /* 5.13; where it is absent is said elsewhere */
    KERNEL_CALL_SECCOMP,      /* a filter of our own beside the one around us */
    KERNEL_CALL__MAX
};

/* KS_ERR_KERNEL_CALL, and which it is, where CALL is refused to this process,
 * whatever its arguments.  Not for a helper in its sandbox. */
ERR_MUST_USE enum ks_err kernel_call_check(enum kernel_call call,
                                           struct err_cause *cause);

/* After CALL failed, with errno: that, or as err_set_errno(cause, err, what).
 */
enum ks_err kernel_call_fail(enum kernel_call call, struct err_cause *cause,
                             enum ks_err err, const char *what);

#endif
