/* SPDX-License-Identifier: Apache-2.0 */
/* How many TPM commands a signature costs, how long an import takes, and how
 * fast signatures are beside Esys_Sign alone in the same session.  Fails for
 * counts, never for times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hsm/tpm2/tpm2.h"
#include "hsm/tpm2/key.h"
#include "tests/bench/bench_measure.h"
#include "tests/bench/bench_sign.h"
#include "tests/support/samples.h"
#include "tests/support/store_fixture.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/tap.h"

#define ARENA (256 * 1024)

/* Commands from nothing to the first signature: 7, and the list of what is
 * loaded, for which only a TPM without a resource manager is asked. */
#define FIRST_MAX 8
#define FURTHER 1
#define TRANSIENT ";root=transient"

/* What is measured of each kind of key. */
static struct kind {
    const char *name;
    enum sample_name sample;
    enum keystore_scheme scheme;
    uint8_t id[KEYSTORE_ID_LENGTH];
} kinds[] = {
    {"RSA-2048 PS256", RSA_2048, KEYSTORE_PS256, {1}},
    {"RSA-3072 PS256", RSA_3072, KEYSTORE_PS256, {2}},
    {"P-256 ES256", P_256, KEYSTORE_ES256, {3}},
    {"P-384 ES384", P_384, KEYSTORE_ES384, {4}},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static struct store_fixture *fixture;
static struct tap *tap;

static void
clean_up(void)
{
    tap_free(&tap);
    samples_free();
    store_fixture_free(&fixture);
}

static struct keystore *
open_at(const char *socket, const char *option)
{
    static const struct keystore_ops *const backends[] = {&hsm_tpm2_ops, NULL};
    struct keystore_config config = {.keys_fd = store_fixture_keys(fixture),
                                     .allow_emulation = true};
    struct keystore *store = NULL;
    char uri[256];

    (void)snprintf(uri, sizeof uri, "tpm2:swtpm=%s%s", socket, option);
    config.uri = uri;
    bench_require(keystore_open(backends, &config, &store, NULL) == KS_OK,
                  "keystore_open");
    return store;
}

/* Past the tap: it would be measured, too. */
static struct keystore *
open_directly(void)
{
    return open_at(swtpm_socket(store_fixture_swtpm(fixture)), "");
}

static void
import(struct keystore *store, const struct kind *kind)
{
    struct keystore_key *key = NULL;

    bench_require(keystore_import(
                      store, kind->id, "bench", &sample(kind->sample)->material,
                      sample(kind->sample)->public, &key, NULL) == KS_OK,
                  "keystore_import");
    keystore_key_free(&key);
}

static void
set_up(void)
{
    bench_require(secret_init(ARENA, NULL) == KS_OK, "memory");
    for (size_t i = 0; i < KINDS; i++)
        bench_require(sample_make(kinds[i].sample) == 0, "sample key");
    fixture = store_fixture_new("tpm2");
    bench_require(fixture != NULL, "TPM");
    tap = tap_new(swtpm_socket(store_fixture_swtpm(fixture)),
                  store_fixture_directory(fixture));
    bench_require(tap != NULL, "tap");
}

/* Wrapped, written down, loaded and proven by a signature; the first key of the
 * store starts the session, too, so it is not measured. */
static void
time_imports(void)
{
    struct keystore *store = open_directly();

    (void)printf("import, median of %d, ms\n", BENCH_ROUNDS);
    import(store, &kinds[0]);
    bench_require(keystore_remove(store, kinds[0].id, NULL) == KS_OK,
                  "keystore_remove");
    for (size_t i = 0; i < KINDS; i++) {
        double times[BENCH_ROUNDS];

        for (size_t j = 0; j < BENCH_ROUNDS; j++) {
            double start = bench_now();

            import(store, &kinds[i]);
            times[j] = bench_now() - start;
            if (j + 1 < BENCH_ROUNDS)
                bench_require(keystore_remove(store, kinds[i].id, NULL) ==
                                  KS_OK,
                              "keystore_remove");
        }
        (void)printf("%-16s %8.1f\n", kinds[i].name,
                     1000 * bench_median(times, BENCH_ROUNDS));
    }
    keystore_close(&store);
}

/* With the store's own session and loaded key. */
static void
sign_raw(void *context)
{
    static const TPMT_TK_HASHCHECK outside = {.tag = TPM2_ST_HASHCHECK,
                                              .hierarchy = TPM2_RH_NULL};
    const struct bench_signer *signer = context;
    const struct tpm2_key *key =
        (const struct tpm2_key *)(const void *)signer->key;
    const struct tpm2_store *store =
        (const struct tpm2_store *)(const void *)key->key.ks;
    TPM2B_DIGEST hashed = {
        .size = (UINT16)scheme_digest_length(signer->scheme)};
    TPMT_SIG_SCHEME scheme = {
        .scheme = signer->scheme == KEYSTORE_PS256 ? TPM2_ALG_RSAPSS
                                                   : TPM2_ALG_ECDSA,
        .details.any.hashAlg = signer->scheme == KEYSTORE_ES384
                                   ? TPM2_ALG_SHA384
                                   : TPM2_ALG_SHA256};
    TPMT_SIGNATURE *made = NULL;

    memcpy(hashed.buffer, bench_digest, hashed.size);
    bench_require(Esys_Sign(store->tpm.esys, key->slot.object, store->session,
                            ESYS_TR_NONE, ESYS_TR_NONE, &hashed, &scheme,
                            &outside, &made) == TSS2_RC_SUCCESS,
                  "Esys_Sign");
    Esys_Free(made);
}

static void
compare_rates(void)
{
    struct keystore *store = open_directly();

    (void)printf("\nsignatures per second, medians\n%-16s %14s %9s %7s\n", "",
                 "keystore_sign", "Esys_Sign", "ratio");
    for (size_t i = 0; i < KINDS; i++) {
        struct bench_signer signer = {NULL, kinds[i].scheme};
        struct bench_rate rate;

        bench_require(keystore_find(store, kinds[i].id,
                                    sample(kinds[i].sample)->public,
                                    &signer.key, NULL) == KS_OK,
                      "keystore_find");
        bench_sign(&signer); /* loaded from here on */
        rate = bench_rate(&(struct bench_side){bench_sign, &signer},
                          &(struct bench_side){sign_raw, &signer});
        keystore_key_free(&signer.key);
        (void)printf("%-16s %14.0f %9.0f %7.2f\n", kinds[i].name, rate.one,
                     rate.other, rate.ratio);
    }
    keystore_close(&store);
}

/* Commands since the last time this was asked. */
static unsigned
commands(void)
{
    unsigned count = tap_count(tap, 0);

    tap_reset(tap);
    return count;
}

/* As a fresh process does it: by the id and the public key it recorded. */
static void
count(const struct kind *kind, const char *option)
{
    struct bench_signer signer = {NULL, kind->scheme};
    struct keystore *store;
    unsigned opened, found, first, further, closed;

    (void)commands();
    store = open_at(tap_socket(tap), option);
    opened = commands();
    bench_require(keystore_find(store, kind->id, sample(kind->sample)->public,
                                &signer.key, NULL) == KS_OK,
                  "keystore_find");
    found = commands();
    bench_sign(&signer);
    first = commands();
    bench_sign(&signer);
    further = commands();
    keystore_key_free(&signer.key);
    keystore_close(&store);
    closed = commands();
    (void)printf("%-16s %6u %6u %6u %9u %9u %7u\n", kind->name, opened, found,
                 first, opened + found + first, further, closed);
    bench_require(opened + found + first <= FIRST_MAX,
                  "few commands for the first signature");
    bench_require(further == FURTHER, "one command for each further one");
}

static void
print_counts(void)
{
    (void)printf("\nTPM commands\n%-16s %6s %6s %6s %9s %9s %7s\n", "", "open",
                 "find", "sign", "= first", "further", "close");
    for (size_t i = 0; i < KINDS; i++)
        count(&kinds[i], "");
}

/* With a root key that is made at each opening, and a key of its own. */
static void
print_counts_of_a_transient_root(void)
{
    static const struct kind kind = {
        "ES256 transient", P_256, KEYSTORE_ES256, {9}};
    const char *socket = swtpm_socket(store_fixture_swtpm(fixture));
    double times[2][BENCH_ROUNDS];
    struct keystore *store = open_at(socket, TRANSIENT);

    import(store, &kind);
    keystore_close(&store);
    count(&kind, TRANSIENT);
    for (size_t i = 0; i < BENCH_ROUNDS; i++)
        for (size_t j = 0; j < 2; j++) {
            double start = bench_now();

            store = open_at(socket, j == 0 ? "" : TRANSIENT);
            keystore_close(&store);
            times[j][i] = bench_now() - start;
        }
    (void)printf("open and close, median, ms: %.1f persistent, %.1f "
                 "transient\n",
                 1000 * bench_median(times[0], BENCH_ROUNDS),
                 1000 * bench_median(times[1], BENCH_ROUNDS));
}

int
main(int argc, char **argv)
{
    (void)atexit(clean_up);
    set_up();
    time_imports();
    print_counts();
    print_counts_of_a_transient_root();
    if (!bench_counts_alone(argc, argv))
        compare_rates();
    return 0;
}
