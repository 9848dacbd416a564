/* SPDX-License-Identifier: Apache-2.0 */
/* A taken-over helper: hostile code runs inside the real program, after it has
 * confined itself, in the place of a library's function. */
#ifndef TESTS_PROGRAMS_ATTACKED_H
#define TESTS_PROGRAMS_ATTACKED_H

#include <sys/types.h>

/* Landlock's newest version that a profile asks for more than for the one
 * before. */
#define ATTACKED_LANDLOCK_MAX 6

struct attacked {
    pid_t pid;
    int control; /* the caller's end of the channel */
    int report;  /* has its end with the process */
};

/* Start PROGRAM, one of the helpers, with the library LIBRARY in it, the
 * channels of control and net, and the file INPUT; on a kernel whose Landlock
 * says that it is of version ABI ("": what it is). */
struct attacked attacked_start(const char *program, const char *library,
                               const char *input, const char *abi);

/* Close the channel, read the report until its end and wait: the helper has to
 * end by itself. */
void attacked_finish(struct attacked *attacked);

/* The same report, of attack() in a process of its own that nothing confines.
 */
void attacked_freely(void);

/* What ATTEMPT came to in the last report: an errno, 0 for success, -1: not
 * tried. */
int attacked_outcome(const char *attempt);

/* Fails, with the report, unless ATTEMPT was refused as a confined one is:
 * EPERM by seccomp, EACCES by Landlock. */
void attacked_assert_refused(const char *attempt, const char *abi);

/* Fails, with the report, unless ATTEMPT succeeded. */
void attacked_assert_done(const char *attempt, const char *abi);

/* ASSERT_CONFINED of PROGRAM for each Landlock from version 1 to this kernel's
 * own, at most ATTACKED_LANDLOCK_MAX: each of them is in use. */
void attacked_under_each(const char *program,
                         void (*assert_confined)(const char *program,
                                                 const char *abi));

#endif
