/* SPDX-License-Identifier: Apache-2.0 */
/* How many Cryptoki calls a signature costs, which must not depend on what
 * else is on the token, and how fast it is.  Fails for counts, never for
 * times. */
#include "tests/bench/bench_pkcs11.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/rand.h>

#include "hsm/pkcs11/pkcs11.h"
#include "tests/bench/counting_module.h"
#include "tests/support/store_fixture.h"
#include "tests/support/copy_file.h"

#define ARENA (256 * 1024)
#define MORE_KEYS 99    /* each of the two has 1 other, then 100 */
#define FIRST_CALLS 12  /* from C_Initialize to C_Sign, both counted */
#define FURTHER_CALLS 2 /* C_SignInit and C_Sign */

struct bench_key bench_keys[BENCH_KEYS] = {
    {"RSA-2048 PS256", RSA_2048, KEYSTORE_PS256, {0}},
    {"P-256 ES256", P_256, KEYSTORE_ES256, {0}},
};

/* Calls up to the first signature, and for each further one. */
struct calls {
    unsigned open;
    unsigned find;
    unsigned sign;
    unsigned first; /* up to and including the first C_Sign, proof or not */
    unsigned further;
    unsigned libp11_first;
    unsigned libp11_further;
};

static struct store_fixture *fixture;
static struct secret *pin;
static struct counting_call *calls;
static struct counting_start *start;
static char module[256];

static void
clean_up(void)
{
    store_fixture_free(&fixture);
}

unsigned
bench_calls(void)
{
    unsigned count = 0;

    for (struct counting_call *call = calls; call->name != NULL; call++) {
        count += call->count;
        call->count = 0;
    }
    return count;
}

const char *
bench_module(void)
{
    return module;
}

struct keystore *
bench_open(void)
{
    static const struct keystore_ops *const backends[] = {&hsm_pkcs11_ops,
                                                          NULL};
    struct keystore_config config = {
        .pin = pin, .keys_fd = -1, .allow_emulation = true};
    struct keystore *store = NULL;
    char uri[320];

    (void)snprintf(uri, sizeof uri,
                   "pkcs11:token=holdfast%%20contract?module-path=%s", module);
    config.uri = uri;
    bench_require(keystore_open(backends, &config, &store, NULL) == KS_OK,
                  "keystore_open");
    return store;
}

static void
import(struct keystore *store, enum sample_name name, const uint8_t *id)
{
    struct keystore_key *key = NULL;

    bench_require(keystore_import(store, id, "bench", &sample(name)->material,
                                  sample(name)->public, &key, NULL) == KS_OK,
                  "keystore_import");
    keystore_key_free(&key);
}

static void
set_up(void)
{
    struct keystore *store = NULL;
    void *library;

    bench_require(secret_init(ARENA, NULL) == KS_OK &&
                      sample_make(RSA_2048) == 0 && sample_make(P_256) == 0,
                  "sample keys");
    fixture = store_fixture_new("pkcs11");
    bench_require(fixture != NULL, "token");
    pin = store_fixture_secret(store_fixture_pin("pkcs11"));
    (void)snprintf(module, sizeof module, "%s/counting.so",
                   store_fixture_directory(fixture));
    bench_require(copy_file(COUNTING_MODULE, module, 0755) == 0, "copy");
    /* Loaded here for its counts, and again by whoever uses it. */
    library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    calls = library != NULL ? dlsym(library, "counting_calls") : NULL;
    start = library != NULL ? dlsym(library, "counting_start") : NULL;
    bench_require(calls != NULL && start != NULL, "module");

    store = bench_open();
    for (size_t i = 0; i < BENCH_KEYS; i++) {
        bench_keys[i].id[0] = (uint8_t)(i + 1);
        import(store, bench_keys[i].sample, bench_keys[i].id);
    }
    keystore_close(&store);
}

static void
add_keys(void)
{
    struct keystore *store = bench_open();
    uint8_t id[KEYSTORE_ID_LENGTH];

    for (unsigned i = 0; i < MORE_KEYS; i++) {
        bench_require(RAND_bytes(id, sizeof id) == 1, "random id");
        import(store, P_256, id);
    }
    keystore_close(&store);
}

static void
sign(struct keystore_key *key, enum keystore_scheme scheme)
{
    const uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;

    bench_require(keystore_sign(key, scheme, digest, &signature, NULL) == KS_OK,
                  "keystore_sign");
}

/* As a fresh process does it: by the id and the public key it recorded. */
static struct calls
count(const struct bench_key *as)
{
    struct calls ret;
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;

    (void)bench_calls();
    *start = (struct counting_start){0, 0};
    store = bench_open();
    ret.open = bench_calls();
    bench_require(keystore_find(store, as->id, sample(as->sample)->public, &key,
                                NULL) == KS_OK,
                  "keystore_find");
    ret.find = bench_calls();
    sign(key, as->scheme);
    ret.sign = bench_calls();
    ret.first = start->first_sign;
    sign(key, as->scheme);
    ret.further = bench_calls();
    keystore_key_free(&key);
    keystore_close(&store);
    bench_libp11(as, &ret.libp11_first, &ret.libp11_further);
    return ret;
}

static void
print_counts(const char *name, unsigned keys, const struct calls *counts)
{
    (void)printf("%-16s %4u %6u %6u %6u %10u %9u %12u %9u\n", name, keys,
                 counts->open, counts->find, counts->sign, counts->first,
                 counts->further, counts->libp11_first, counts->libp11_further);
}

static void
compare_counts(void)
{
    struct calls few[BENCH_KEYS];

    (void)printf("Cryptoki calls\n%-16s %4s %6s %6s %6s %10s %9s %12s %9s\n",
                 "", "keys", "open", "find", "sign", "1st C_Sign", "further",
                 "libp11 first", "further");
    for (size_t i = 0; i < BENCH_KEYS; i++) {
        few[i] = count(&bench_keys[i]);
        print_counts(bench_keys[i].name, BENCH_KEYS, &few[i]);
    }
    add_keys();
    for (size_t i = 0; i < BENCH_KEYS; i++) {
        struct calls many = count(&bench_keys[i]);

        print_counts(bench_keys[i].name, BENCH_KEYS + MORE_KEYS, &many);
        bench_require(many.sign == FURTHER_CALLS &&
                          many.further == FURTHER_CALLS &&
                          few[i].further == FURTHER_CALLS,
                      "two calls for each signature");
        bench_require(many.first != 0 && many.first <= FIRST_CALLS &&
                          few[i].first == many.first,
                      "at most 12 calls to the first C_Sign");
        bench_require(many.open == few[i].open && many.find == few[i].find,
                      "as many calls whatever else is on the token");
    }
}

static void
compare_rates(void)
{
    struct keystore *store = bench_open();

    (void)printf("\nsignatures per second, medians\n%-16s %14s %8s %7s\n", "",
                 "keystore_sign", "C_Sign", "ratio");
    for (size_t i = 0; i < BENCH_KEYS; i++) {
        struct bench_rate rate = bench_pkcs11_rate(store, &bench_keys[i]);

        (void)printf("%-16s %14.0f %8.0f %7.2f\n", bench_keys[i].name, rate.one,
                     rate.other, rate.ratio);
    }
    keystore_close(&store);
}

int
main(int argc, char **argv)
{
    (void)atexit(clean_up);
    set_up();
    compare_counts();
    if (!bench_counts_alone(argc, argv))
        compare_rates();
    secret_free(&pin);
    samples_free();
    return 0;
}
