/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight callers at once, each at a holdfast-token of its own, as every run of
 * holdfast-net has one; beside nothing but C_SignInit and C_Sign on the same
 * token, in eight sessions of one process (a pool) and in eight processes; and
 * what of the latter would be left if asking another process were all.  The
 * requests are TLS handshakes over the real channel, checked as always; only
 * the budget is off.  Fails for signatures that are missing or wrong, never for
 * times.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "agent/holdfast/session/token_client.h"
#include "hsm/pkcs11/pkcs11.h"
#include "tests/bench/bench_callers.h"
#include "tests/bench/bench_measure.h"
#include "tests/support/store_fixture.h"

#define ROUNDS 27
#define TIMEOUT 20000
#define ARENA (256 * 1024)

static const struct callers_kind kinds[] = {
    {"RSA-2048", RSA_2048, 0x0804, 60, {1}},
    {"RSA-3072", RSA_3072, 0x0804, 30, {3}},
    {"P-256", P_256, 0x0403, 400, {2}},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

struct caller {
    const struct callers_kind *kind;
    struct token_client *client;
    struct msg *msg;
    int net;
    unsigned made;
};

static struct store_fixture *fixture;
static struct token_access access_;
static struct caller callers[CALLERS];
static pthread_barrier_t barrier;

static void
clean_up(void)
{
    store_fixture_free(&fixture);
}

/* Through holdfast-token */

static void
open_caller(struct caller *caller, const struct callers_kind *kind)
{
    struct err_cause cause = {""};
    struct keystore_info info;
    unsigned char *public = NULL;
    int length = i2d_PUBKEY(sample(kind->sample)->public, &public);
    int pair[2];

    caller->kind = kind;
    caller->msg = msg_new();
    bench_require(
        caller->msg != NULL &&
            socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0,
        "channel");
    caller->net = pair[0];
    bench_require(
        token_client_start(
            &access_, &(struct token_run){STATEMENT_PHASE_MACHINE, pair[1], -1},
            &caller->client, &cause) == KS_OK &&
            token_client_opened(caller->client, &info, &cause) == KS_OK,
        cause.text);
    bench_require(length > 0 && token_client_bind_machine(
                                    caller->client, kind->id, public,
                                    (size_t)length, &cause) == KS_OK,
                  cause.text);
    OPENSSL_free(public);
    (void)close(pair[1]);
}

static void
close_caller(struct caller *caller)
{
    token_client_close(&caller->client);
    msg_free(&caller->msg);
    (void)close(caller->net);
}

/* RFC 8446, 4.4.3 */
static size_t
make_content(uint8_t ret[static 160])
{
    static const char context[] = "TLS 1.3, client CertificateVerify";

    memset(ret, ' ', 64);
    memcpy(ret + 64, context, sizeof context);
    memset(ret + 64 + sizeof context, 0x5a, 32);
    return 64 + sizeof context + 32;
}

static void *
call(void *argument)
{
    struct caller *caller = argument;
    uint8_t content[160];
    size_t content_length = make_content(content);
    struct layout_sign_handshake_answer answer;

    (void)pthread_barrier_wait(&barrier);
    for (unsigned i = 0; i < caller->kind->count; i++) {
        LAYOUT_PUT(caller->msg, sign_handshake, .identity = STATEMENT_MACHINE,
                   .scheme = caller->kind->scheme,
                   .content = {content, content_length});
        if (channel_call(caller->net, caller->msg, TIMEOUT, NULL) != KS_OK)
            break;
        caller->made += layout_sign_handshake_answer_take(caller->msg, &answer,
                                                          NULL) == KS_OK &&
                        answer.signature.length >= 64;
    }
    return NULL;
}

/* Signatures of all each second, in one round. */
static double
callers_round(const struct callers_kind *kind)
{
    pthread_t threads[CALLERS];
    double start;
    double end;

    for (size_t i = 0; i < CALLERS; i++) {
        callers[i].made = 0;
        bench_require(pthread_create(&threads[i], NULL, call, &callers[i]) == 0,
                      "thread");
    }
    (void)pthread_barrier_wait(&barrier);
    start = bench_now();
    for (size_t i = 0; i < CALLERS; i++)
        bench_require(pthread_join(threads[i], NULL) == 0, "thread");
    end = bench_now();
    for (size_t i = 0; i < CALLERS; i++)
        bench_require(callers[i].made == kind->count, "every signature");
    return CALLERS * kind->count / (end - start);
}

static void
measure(const struct callers_kind *kind)
{
    static const unsigned processes[] = {1, CALLERS};
    double ours[ROUNDS], raw[2][ROUNDS], ratios[2][ROUNDS], best[ROUNDS];

    for (size_t i = 0; i < CALLERS; i++)
        open_caller(&callers[i], kind);
    (void)callers_raw_round(kind, CALLERS); /* caches are warm from here on */
    (void)callers_round(kind);
    for (unsigned i = 0; i < ROUNDS; i++) {
        ours[i] = callers_round(kind);
        for (size_t j = 0; j < 2; j++) {
            raw[j][i] = callers_raw_round(kind, processes[j]);
            ratios[j][i] = ours[i] / raw[j][i];
        }
        best[i] = 1 / (1 + raw[1][i] / callers_message_round());
    }
    (void)printf("%-10s %22.0f", kind->name, bench_median(ours, ROUNDS));
    for (size_t j = 0; j < 2; j++)
        (void)printf(" %12.0f %7.2f", bench_median(raw[j], ROUNDS),
                     bench_median(ratios[j], ROUNDS));
    (void)printf(" %8.2f\n", bench_median(best, ROUNDS));
    for (size_t i = 0; i < CALLERS; i++)
        close_caller(&callers[i]);
}

static void
import_keys(void)
{
    static const struct keystore_ops *const backends[] = {&hsm_pkcs11_ops,
                                                          NULL};
    struct secret *pin = store_fixture_secret(store_fixture_pin("pkcs11"));
    const struct keystore_config config = {.uri = store_fixture_uri(fixture),
                                           .pin = pin,
                                           .keys_fd = -1,
                                           .allow_emulation = true};
    struct keystore *store = NULL;

    bench_require(keystore_open(backends, &config, &store, NULL) == KS_OK,
                  "open");
    for (size_t i = 0; i < KINDS; i++) {
        const struct sample *from = sample(kinds[i].sample);
        struct keystore_key *key = NULL;

        bench_require(keystore_import(store, kinds[i].id, "bench",
                                      &from->material, from->public, &key,
                                      NULL) == KS_OK,
                      "import");
        keystore_key_free(&key);
    }
    keystore_close(&store);
    access_ = (struct token_access){
        .uri = config.uri,
        .serial = "",
        .module = "",
        .emulation = true,
        .keys = -1,
        .pin = memfd_create("pin", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    bench_require(secret_seal(pin, access_.pin, NULL) == KS_OK, "PIN");
    secret_free(&pin);
}

int
main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < KINDS; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            return callers_raw_main(&kinds[i],
                                    (unsigned)strtoul(argv[2], NULL, 10));
    (void)atexit(clean_up);
    bench_require(secret_init(ARENA, NULL) == KS_OK &&
                      sample_make(RSA_2048) == 0 &&
                      sample_make(RSA_3072) == 0 && sample_make(P_256) == 0 &&
                      pthread_barrier_init(&barrier, NULL, CALLERS + 1) == 0,
                  "sample keys");
    fixture = store_fixture_new("pkcs11");
    bench_require(fixture != NULL, "token");
    import_keys();
    (void)printf("%d callers at once: signatures per second, medians\n"
                 "%-10s %22s %12s %7s %12s %7s %8s\n",
                 CALLERS, "", "by their holdfast-token", "8 sessions", "ratio",
                 "8 processes", "ratio", "at best");
    for (size_t i = 0; i < KINDS; i++)
        measure(&kinds[i]);
    samples_free();
    return 0;
}
