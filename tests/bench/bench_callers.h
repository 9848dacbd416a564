/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two sides of the benchmark of callers share.
 */
#ifndef TESTS_BENCH_CALLERS_H
#define TESTS_BENCH_CALLERS_H

#include "keystore/store/keystore.h"
#include "tests/support/samples.h"

#define CALLERS 8

struct callers_kind {
    const char *name;
    enum sample_name sample;
    uint32_t scheme; /* of TLS */
    unsigned count;  /* signatures of a caller in a round */
    uint8_t id[KEYSTORE_ID_LENGTH];
};

/* Signatures each second by C_Sign for all callers, in PROCESSES that share
 * them evenly, each caller with a session; they run this program with the
 * kind's name and the number of sessions, and what they do then. */
double callers_raw_round(const struct callers_kind *kind, unsigned processes);
int callers_raw_main(const struct callers_kind *kind, unsigned sessions);

/* Round trips of all callers each second, to a process for each. */
double callers_message_round(void);

#endif
