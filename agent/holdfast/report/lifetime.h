/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the machine's certificate is good for.  The vault judges by its own
 * clock and this machine's may be wrong, so that nothing is refused here.
 */
#ifndef AGENT_HOLDFAST_REPORT_LIFETIME_H
#define AGENT_HOLDFAST_REPORT_LIFETIME_H

#include <stdbool.h>
#include <time.h>

#include "agent/holdfast/state/state.h"

/* From when on people are warned: as many days as an administrator may be away
 * for, with time left to replace a machine. */
#define LIFETIME_WARNING_DAYS 30

/* When the recorded certificate ends; false where there is none. */
bool lifetime_end(const struct state *state, time_t *ret);

/* Warn on standard error, where the end is near or past. */
void lifetime_warn(const struct state *state);

#endif
