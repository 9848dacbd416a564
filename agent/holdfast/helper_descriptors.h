/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptors that a helper is started with: all that it is given, at fixed
 * numbers, and nothing else.  A helper cannot tell a descriptor that was lost
 * from one that was not given: without its file of CRLs, holdfast-net would
 * check no revocation.
 */
#ifndef AGENT_HOLDFAST_HELPER_DESCRIPTORS_H
#define AGENT_HOLDFAST_HELPER_DESCRIPTORS_H

#include <stdbool.h>

#include "agent/ipc/channel.h"

/* Copies, by their numbers there; -1: nothing. */
struct helper_descriptors {
    int fd[CHANNEL_FD__END];
    int null; /* /dev/null, for its standard input and output */
};

#define HELPER_NO_DESCRIPTORS                                                  \
    {                                                                          \
        .fd = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}, .null = -1     \
    }

/* Copy CONTROL and those of FD, by their numbers there, as far as ALLOWED (a
 * bit each) lets it, above the numbers that they are to have, so that none is
 * overwritten before it has moved.  KS_ERR_RESOURCES: not all.
 * helper_descriptors_close() in any case. */
ERR_MUST_USE enum ks_err
helper_descriptors_copy(unsigned allowed, const int fd[static CHANNEL_FD__END],
                        int control, struct helper_descriptors *ret,
                        struct err_cause *cause);
void helper_descriptors_close(struct helper_descriptors *descriptors);

/* In the child: give them their numbers, and close everything else.  False:
 * the helper must not be started. */
bool helper_descriptors_place(const struct helper_descriptors *descriptors);

#endif
