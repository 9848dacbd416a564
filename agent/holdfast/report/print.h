/* SPDX-License-Identifier: Apache-2.0 */
/* An answer as JSON for scripts, or as lines of words for people. */
#ifndef AGENT_HOLDFAST_REPORT_PRINT_H
#define AGENT_HOLDFAST_REPORT_PRINT_H

#include <stdbool.h>
#include <time.h>

#include <jansson.h>

/* TEXT as JSON has it.  What is no UTF-8, as a path may be, has all but
 * printable ASCII replaced by '?'.  The caller releases it. */
json_t *report_text(const char *text);

/* Set KEY of OBJECT where TEXT says something; NULL and "" do not. */
void report_put_text(json_t *object, const char *key, const char *text);

/* Set KEY of OBJECT, as RFC 3339 has it. */
void report_put_time(json_t *object, const char *key, time_t when);

/* Print OBJECT and release it.  Lines have all but printable ASCII replaced:
 * names come from outside, and a terminal obeys. */
void report_print(json_t *object, bool json);

#endif
