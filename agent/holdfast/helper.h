/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting and reaping the helper programs: fork and exec with a named
 * allow-list of environment variables, only the descriptors in the helper's row
 * of the table, and its limits.
 */
#ifndef AGENT_HOLDFAST_HELPER_H
#define AGENT_HOLDFAST_HELPER_H

#include <stdbool.h>

#include "agent/ipc/channel.h"

enum helper_kind {
    HELPER_CREDENTIAL,
    HELPER_TOKEN,
    HELPER_NET,
    HELPER_INSPECT,
    HELPER__MAX
};

struct helper; /* a running helper */

/* Descriptors to hand on, by their number there; -1: none.  They stay the
 * caller's.  CHANNEL_FD_CONTROL is made by helper_start(). */
struct helper_fds {
    int fd[CHANNEL_FD__END];
    const char *network; /* what its module may reach, borrowed, in words of
                            agent/sandbox/network.h; NULL or "": nothing */
};
#define HELPER_NO_FDS                                                          \
    ((struct helper_fds){{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},     \
                         NULL})
_Static_assert(CHANNEL_FD__END == 12, "none of them is standard input");

/* Start a helper.  With EMULATION the variables that emulators are configured
 * by are passed on too.  The caller stops it. */
ERR_MUST_USE enum ks_err helper_start(enum helper_kind kind,
                                      const struct helper_fds *fds,
                                      bool emulation, struct helper **ret,
                                      struct err_cause *cause);

/* Send the request in MSG.  A helper that cannot be told any more is killed,
 * and named in the cause, as by helper_answer(). */
ERR_MUST_USE enum ks_err helper_send(struct helper *helper, struct msg *msg,
                                     struct err_cause *cause);

/* Receive the answer to a request that was sent, into MSG, within the helper's
 * time limit.  A helper that gives none is killed. */
ERR_MUST_USE enum ks_err helper_answer(struct helper *helper, struct msg *msg,
                                       struct err_cause *cause);

/* Both, one after the other. */
ERR_MUST_USE enum ks_err helper_call(struct helper *helper, struct msg *msg,
                                     struct err_cause *cause);

/* A call without a limit, for an answer that comes when something else is
 * over. */
ERR_MUST_USE enum ks_err helper_wait(struct helper *helper, struct msg *msg,
                                     struct err_cause *cause);

/* Tell it to end, by closing its channel: nothing more can be asked of it. */
void helper_end(struct helper *helper);

/* helper_end(), wait until it has ended (it is killed if it does not), and
 * set *HELPER to NULL.  NULL is fine. */
void helper_stop(struct helper **helper);

/* A helper for one question: start it, helper_call() with MSG, stop it. */
ERR_MUST_USE enum ks_err helper_ask(enum helper_kind kind,
                                    const struct helper_fds *fds,
                                    bool emulation, struct msg *msg,
                                    struct err_cause *cause);

/* The same of a helper that asks at the terminal in turn: without a limit, and
 * without signals from the keyboard here, because it has to put the terminal
 * right. */
ERR_MUST_USE enum ks_err helper_ask_undisturbed(enum helper_kind kind,
                                                const struct helper_fds *fds,
                                                struct msg *msg,
                                                struct err_cause *cause);

#endif
