/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all benchmarks measure with.  Sides take turns, so that a busy machine
 * slows them alike; what counts is the median, and of ratios that of each turn.
 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#define BENCH_ROUNDS 7

/* End the program where GOOD is false, saying WHAT failed. */
void bench_require(bool good, const char *what);

/* Is "counts" the one word of the command line: is nothing to be timed? */
bool bench_counts_alone(int argc, char *const *argv);

/* Of COUNT values, which are sorted. */
double bench_median(double *values, size_t count);

/* Seconds since some moment. */
double bench_now(void);

/* One side: what it does, and with what. */
struct bench_side {
    void (*run)(void *context);
    void *context;
};

/* Runs each second, and the ratio of one to the other. */
struct bench_rate {
    double one;
    double other;
    double ratio;
};
struct bench_rate bench_rate(const struct bench_side *one,
                             const struct bench_side *other);

#endif
