/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile's filters as the kernel would get them, run by an interpreter of
 * their few instructions: no call is made.  Whoever links this links with
 * --wrap=prctl.
 */
#ifndef TESTS_UNIT_AGENT_SANDBOX_FILTER_RUN_H
#define TESTS_UNIT_AGENT_SANDBOX_FILTER_RUN_H

#include <stdint.h>

#include "agent/sandbox/filter.h"

/* Take PROFILE's filters, in the place of those of the profile before. */
void filter_run_enter(enum sandbox_profile profile);

/* And that of sandbox_filter_leave_terminal(). */
void filter_run_leave_terminal(void);

/* What becomes of the call NUMBER: an errno, or 0 where it is made.  The
 * strictest filter decides, and of two errors that of the one entered last. */
int filter_run_call(long number, const uint64_t argument[static 6]);

#endif
