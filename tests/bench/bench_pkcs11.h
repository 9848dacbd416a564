/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the PKCS#11 benchmark share: the token behind the module
 * that counts, and two keys in it.
 */
#ifndef TESTS_BENCH_PKCS11_H
#define TESTS_BENCH_PKCS11_H

#include "keystore/store/keystore.h"
#include "tests/bench/bench_measure.h"
#include "tests/support/samples.h"

#define BENCH_KEYS 2

struct bench_key {
    const char *name; /* of the scheme */
    enum sample_name sample;
    enum keystore_scheme scheme;
    uint8_t id[KEYSTORE_ID_LENGTH];
};
extern struct bench_key bench_keys[BENCH_KEYS];

/* Calls into the module since the last time this was asked. */
unsigned bench_calls(void);

/* The module's file, and the token in it, opened. */
const char *bench_module(void);
struct keystore *bench_open(void);

/* Calls of libp11 from its start to the first signature by KEY, and of each
 * further one.  With no store open. */
void bench_libp11(const struct bench_key *key, unsigned *ret_first,
                  unsigned *ret_further);

/* Signatures by KEY each second through keystore_sign() and by C_Sign alone, in
 * one process and on one token. */
struct bench_rate bench_pkcs11_rate(struct keystore *store,
                                    const struct bench_key *key);

#endif
