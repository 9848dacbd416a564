/* SPDX-License-Identifier: Apache-2.0 */
/* Read from the database at every look, so that a new offset holds at once. */
#include "tests/vault/service/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/vault/service/lever.h"
#include "tests/vault/service/store.h"

int64_t
clock_now(struct store *store)
{
    char offset[32] = "0";

    (void)store_get(store, LEVER_CLOCK, offset, sizeof offset);
    return (int64_t)time(NULL) + strtoll(offset, NULL, 10);
}

const char *
clock_text(int64_t at, char ret[static CLOCK_TEXT])
{
    time_t seconds = (time_t)at;
    struct tm utc;

    if (gmtime_r(&seconds, &utc) == NULL ||
        strftime(ret, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        (void)snprintf(ret, CLOCK_TEXT, "%" PRId64, at);
    return ret;
}
