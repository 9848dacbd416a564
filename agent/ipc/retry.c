/* SPDX-License-Identifier: Apache-2.0 */
/* The policy is a function of its arguments; clock, chance and sleep are around
 * it. */
#include "agent/ipc/retry.h"

#include <sys/random.h>
#include <time.h>

#define FIRST 500
#define LONGEST 30000
#define DOUBLINGS_MAX 6

bool
retry_wait(unsigned number, uint64_t spent, uint64_t asked, uint32_t random,
           uint64_t *ret)
{
    uint64_t whole = (uint64_t)FIRST
                     << (number < DOUBLINGS_MAX ? number : DOUBLINGS_MAX);
    uint64_t wait;

    if (whole > LONGEST)
        whole = LONGEST;
    wait = whole / 2 + random % (whole / 2 + 1);
    if (wait < asked)
        wait = asked;
    if (wait > RETRY_TOTAL || spent > RETRY_TOTAL - wait)
        return false;
    *ret = wait;
    return true;
}

static uint64_t
now(void)
{
    struct timespec time = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

void
retry_begin(struct retry *retry)
{
    retry->since = now();
    retry->number = 0;
}

bool
retry_pause(struct retry *retry, uint64_t asked)
{
    uint32_t random = 0;
    uint64_t wait;
    struct timespec time;

    /* Without chance the pause is merely a short one. */
    (void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
    if (!retry_wait(retry->number, retry->spent + now() - retry->since, asked,
                    random, &wait))
        return false;
    time = (struct timespec){.tv_sec = (time_t)(wait / 1000),
                             .tv_nsec = (long)(wait % 1000) * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) != 0)
        ;
    retry->number++;
    return true;
}

void
retry_end(struct retry *retry)
{
    if (retry->number > 0)
        retry->spent += now() - retry->since;
}
