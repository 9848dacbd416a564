/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the PIN comes from, and the latch that stops a refused PIN from being
 * tried again.  This process opens and hands on; it never reads a PIN.
 */
#ifndef AGENT_HOLDFAST_SESSION_PIN_H
#define AGENT_HOLDFAST_SESSION_PIN_H

#include <stdint.h>

#include "agent/ipc/msg.h"

/* An opened source. */
struct pin_source {
    int fd;
    uint64_t device, inode, changed; /* changed: nanoseconds; of a PATH */
    int is_file;                     /* a PATH, whose change can be seen */
    int is_terminal;
};

/* Open SOURCE: "PATH" (where it is a regular file, nobody else may read it),
 * "fd:N", "systemd:NAME" (a file of $CREDENTIALS_DIRECTORY), or NULL for the
 * terminal.
 * KS_ERR_PIN_NEEDED: there is no terminal to ask at; KS_ERR_PERMISSION: others
 * may read the file, or another user owns it (root, the caller and SUDO_UID
 * are none).  The caller closes fd. */
ERR_MUST_USE enum ks_err pin_open(const char *source, struct pin_source *ret,
                                  struct err_cause *cause);

/* The number in a source "fd:N"; -1: it is none of those. */
int pin_descriptor(const char *source);

/* Have a holdfast-token that opens no token read what SOURCE has into a sealed
 * memfd, which the caller closes, by the request in MSG. */
ERR_MUST_USE enum ks_err pin_read(const struct pin_source *source,
                                  struct msg *msg, int *ret,
                                  struct err_cause *cause);

/* The latch is a file in the state directory that names the token's SERIAL and
 * the source whose PIN the token refused.  KS_ERR_PIN_WRONG while the same
 * source is offered unchanged; someone at a terminal may try another. */
ERR_MUST_USE enum ks_err pin_latch_check(int directory, const char *serial,
                                         const struct pin_source *source,
                                         struct err_cause *cause);
ERR_MUST_USE enum ks_err pin_latch_set(int directory, const char *serial,
                                       const struct pin_source *source,
                                       struct err_cause *cause);
void pin_latch_clear(int directory);

#endif
