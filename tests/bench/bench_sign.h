/* SPDX-License-Identifier: Apache-2.0 */
/* The key store's side of a comparison of signatures (bench_measure.h). */
#ifndef TESTS_BENCH_SIGN_H
#define TESTS_BENCH_SIGN_H

#include "keystore/store/keystore.h"

/* What both sides sign with. */
struct bench_signer {
    struct keystore_key *key;
    enum keystore_scheme scheme;
};

/* What both sides sign; as many bytes of it as the scheme takes. */
extern const uint8_t bench_digest[KEYSTORE_DIGEST_MAX];

/* One signature by the signer that CONTEXT is. */
void bench_sign(void *context);

#endif
