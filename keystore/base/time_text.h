/* SPDX-License-Identifier: Apache-2.0 */
/* Times as people and scripts are told them. */
#ifndef KEYSTORE_BASE_TIME_TEXT_H
#define KEYSTORE_BASE_TIME_TEXT_H

#include <time.h>

#define TIME_TEXT_SIZE 32 /* with its NUL */

/* TIME in UTC as RFC 3339, 5.6, has it, to the second; its number where the
 * calendar has no such year. */
void time_text(time_t time, char ret[static TIME_TEXT_SIZE]);

#endif
