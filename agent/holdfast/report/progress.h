/* SPDX-License-Identifier: Apache-2.0 */
/* Progress, for the person who waits. */
#ifndef AGENT_HOLDFAST_REPORT_PROGRESS_H
#define AGENT_HOLDFAST_REPORT_PROGRESS_H

/* A line on standard error, where that is a terminal. */
void progress_say(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
