/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench_sign.h"

#include "tests/bench/bench_measure.h"

const uint8_t bench_digest[KEYSTORE_DIGEST_MAX] = {1};

void
bench_sign(void *context)
{
    const struct bench_signer *signer = context;
    struct keystore_signature signature;

    bench_require(keystore_sign(signer->key, signer->scheme, bench_digest,
                                &signature, NULL) == KS_OK,
                  "keystore_sign");
}
