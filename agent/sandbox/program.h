/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profiles as programs for the kernel (seccomp(2)), made from the rules
 * (agent/sandbox/rules.c) when Holdfast is built: making them takes libseccomp
 * milliseconds, and a helper starts for every few signatures.
 */
#ifndef AGENT_SANDBOX_PROGRAM_H
#define AGENT_SANDBOX_PROGRAM_H

#include <linux/filter.h>

#include "agent/sandbox/sandbox.h"

/* Stands in a program for the number of the process that enters it.  The
 * kernel gives no process a number above 2^22 (PID_MAX_LIMIT). */
#define SANDBOX_PROGRAM_OWN_PID UINT32_C(0x6f776e70)

#define SANDBOX_PROGRAM_MAX 3 /* for a profile: agent/sandbox/rules.c */

struct sandbox_program {
    struct sock_filter *code; /* NULL: the profile has no second one */
    unsigned short length;    /* instructions */
};

/* By profile, in the order of entering. */
extern const struct sandbox_program sandbox_programs[SANDBOX__MAX]
                                                    [SANDBOX_PROGRAM_MAX];

/* The filter of SANDBOX_TOKEN for when it has asked for the PIN. */
extern const struct sandbox_program sandbox_program_terminal;

#endif
