/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a handshake's length to another process and back, in which
 * nothing is signed: what no way of asking there can do without. */
#include "tests/bench/bench_callers.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench_measure.h"

#define ROUND_TRIPS 1000
#define QUESTION 169 /* bytes: a SIGN_HANDSHAKE, */
#define ANSWER 85    /* and its answer for P-256 */

static pthread_barrier_t barrier;

struct pair {
    pid_t child;
    int channel;
    pthread_t thread;
    unsigned made;
};

_Noreturn static void
answer(int channel)
{
    uint8_t question[QUESTION];
    static const uint8_t bytes[ANSWER];

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (recv(channel, question, sizeof question, 0) > 0)
        (void)send(channel, bytes, sizeof bytes, MSG_NOSIGNAL);
    _exit(0);
}

static void
start(struct pair *pair)
{
    int ends[2];

    bench_require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) ==
                      0,
                  "channel");
    pair->child = fork();
    bench_require(pair->child >= 0, "fork");
    if (pair->child == 0) {
        (void)close(ends[0]);
        answer(ends[1]);
    }
    (void)close(ends[1]);
    pair->channel = ends[0];
    pair->made = 0;
}

static void *
ask(void *argument)
{
    struct pair *pair = argument;
    static const uint8_t question[QUESTION];
    uint8_t bytes[ANSWER];

    (void)pthread_barrier_wait(&barrier);
    for (unsigned i = 0; i < ROUND_TRIPS; i++) {
        (void)send(pair->channel, question, sizeof question, MSG_NOSIGNAL);
        pair->made += recv(pair->channel, bytes, sizeof bytes, 0) == ANSWER;
    }
    return NULL;
}

double
callers_message_round(void)
{
    struct pair pairs[CALLERS];
    double begin;
    double end;

    bench_require(pthread_barrier_init(&barrier, NULL, CALLERS + 1) == 0,
                  "barrier");
    for (size_t i = 0; i < CALLERS; i++)
        start(&pairs[i]);
    for (size_t i = 0; i < CALLERS; i++)
        bench_require(pthread_create(&pairs[i].thread, NULL, ask, &pairs[i]) ==
                          0,
                      "thread");
    (void)pthread_barrier_wait(&barrier);
    begin = bench_now();
    for (size_t i = 0; i < CALLERS; i++)
        bench_require(pthread_join(pairs[i].thread, NULL) == 0 &&
                          pairs[i].made == ROUND_TRIPS,
                      "every answer");
    end = bench_now();
    for (size_t i = 0; i < CALLERS; i++) {
        (void)close(pairs[i].channel);
        (void)kill(pairs[i].child, SIGKILL); /* later ones have its end, too */
        bench_require(waitpid(pairs[i].child, NULL, 0) == pairs[i].child,
                      "child");
    }
    (void)pthread_barrier_destroy(&barrier);
    return CALLERS * ROUND_TRIPS / (end - begin);
}
