/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restic as a child process: its descriptors and its environment, what it
 * writes to standard error (agent/holdfast/restic/words.h), its end.
 */
#ifndef AGENT_HOLDFAST_RESTIC_PROCESS_H
#define AGENT_HOLDFAST_RESTIC_PROCESS_H

#include "agent/holdfast/restic/setup.h"
#include "keystore/base/err.h"

/* Exit statuses: restic's own, and of a child that did not become restic. */
enum {
    RESTIC_PARTIAL = 3, /* some of the source could not be read */
    RESTIC_UNABLE = 126,
    RESTIC_MISSING = 127,
    RESTIC_INTERRUPTED = 130
};

struct restic_end {
    int status;             /* as waitpid(2) has it */
    enum ks_err relay;      /* what its relay reported, KS_OK: nothing, */
    struct err_cause cause; /* and why */
};

/* Run it with ARGV (NULL at the end) and wait for it.  An error is one of
 * starting or waiting; whatever restic made of it is in *RET. */
ERR_MUST_USE enum ks_err restic_process_run(const struct restic *restic,
                                            const char *const *argv,
                                            struct restic_end *ret,
                                            struct err_cause *cause);

/* Which version it is; false: it does not say. */
bool restic_process_version(unsigned *ret_major, unsigned *ret_minor);

#endif
