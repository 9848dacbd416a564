/* SPDX-License-Identifier: Apache-2.0 */
/* Time, and what to make of it. */
#include "tests/bench/bench_measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUND_SECONDS 0.05

void
bench_require(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "%s: %s failed\n", program_invocation_short_name,
                  what);
    exit(EXIT_FAILURE);
}

bool
bench_counts_alone(int argc, char *const *argv)
{
    return argc == 2 && strcmp(argv[1], "counts") == 0;
}

static int
compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

double
bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

double
bench_now(void)
{
    struct timespec time;

    bench_require(clock_gettime(CLOCK_MONOTONIC, &time) == 0, "clock");
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Runs each second over one round. */
static double
round_of(const struct bench_side *side)
{
    double start = bench_now();
    double end = start;
    unsigned count = 0;

    for (; end - start < ROUND_SECONDS; end = bench_now(), count++)
        side->run(side->context);
    return count / (end - start);
}

struct bench_rate
bench_rate(const struct bench_side *one, const struct bench_side *other)
{
    double ones[BENCH_ROUNDS];
    double others[BENCH_ROUNDS];
    double ratios[BENCH_ROUNDS];

    (void)round_of(other); /* caches are warm from here on */
    for (size_t i = 0; i < BENCH_ROUNDS; i++) {
        others[i] = round_of(other);
        ones[i] = round_of(one);
        ratios[i] = ones[i] / others[i];
    }
    return (struct bench_rate){bench_median(ones, BENCH_ROUNDS),
                               bench_median(others, BENCH_ROUNDS),
                               bench_median(ratios, BENCH_ROUNDS)};
}
