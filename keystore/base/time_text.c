/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore/base/time_text.h"

#include <stdio.h>

void
time_text(time_t time, char ret[static TIME_TEXT_SIZE])
{
    struct tm utc;

    if (gmtime_r(&time, &utc) == NULL ||
        strftime(ret, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        (void)snprintf(ret, TIME_TEXT_SIZE, "%lld", (long long)time);
}
