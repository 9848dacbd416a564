/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of signatures, taking turns, so that a busy machine slows both sides
 * alike.  The raw side knows session, handle and mechanism beforehand and does
 * nothing but C_SignInit and C_Sign. */
#include "tests/bench/bench.h"

#include <stdlib.h>
#include <time.h>

#include "hsm/pkcs11_key.h"

#define ROUNDS 7
#define ROUND_SECONDS 0.05

/* One side: a function that signs, and what it signs with. */
struct side {
    void (*sign)(const struct side *side);
    struct keystore_key *key;
    enum keystore_scheme scheme;
};

static const uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};

static void
sign_by_keystore(const struct side *side)
{
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;

    bench_require(keystore_sign(side->key, side->scheme, digest, signature,
                                &length, NULL) == KS_OK,
                  "keystore_sign");
}

static void
sign_raw(const struct side *side)
{
    const struct pkcs11_key *key = (const struct pkcs11_key *)side->key;
    const struct pkcs11_token *token = (const struct pkcs11_token *)key->key.ks;
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    CK_BYTE data[32] = {1};
    CK_BYTE signature[KEYSTORE_SIGNATURE_MAX];
    CK_ULONG length = sizeof signature;

    if (side->scheme == KEYSTORE_PS256)
        mechanism = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss};
    bench_require(token->functions->C_SignInit(token->session, &mechanism,
                                               key->object) == CKR_OK &&
                      token->functions->C_Sign(token->session, data,
                                               sizeof data, signature,
                                               &length) == CKR_OK,
                  "C_Sign");
}

static double
now(void)
{
    struct timespec time;

    bench_require(clock_gettime(CLOCK_MONOTONIC, &time) == 0, "clock");
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Signatures each second over one round. */
static double
round_of(const struct side *side)
{
    double start = now();
    double end = start;
    unsigned count = 0;

    for (; end - start < ROUND_SECONDS; end = now(), count++)
        side->sign(side);
    return count / (end - start);
}

static int
compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static double
median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

struct bench_rate
bench_rate(struct keystore *store, const struct bench_key *key)
{
    struct side keystore = {sign_by_keystore, NULL, key->scheme};
    struct side raw = {sign_raw, NULL, key->scheme};
    double by_keystore[ROUNDS];
    double by_raw[ROUNDS];
    double ratios[ROUNDS];

    bench_require(keystore_find(store, key->id, sample(key->sample)->public,
                                &keystore.key, NULL) == KS_OK,
                  "keystore_find");
    raw.key = keystore.key;
    (void)round_of(&raw); /* caches are warm from here on */
    for (unsigned i = 0; i < ROUNDS; i++) {
        by_raw[i] = round_of(&raw);
        by_keystore[i] = round_of(&keystore);
        ratios[i] = by_keystore[i] / by_raw[i];
    }
    keystore_key_free(&keystore.key);
    return (struct bench_rate){median(by_keystore), median(by_raw),
                               median(ratios)};
}
