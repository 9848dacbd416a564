/* SPDX-License-Identifier: Apache-2.0 */
/* Two hundred machines that register with one vault at once, with one file: all
 * succeed.  How long it took is printed and not judged. */
#include "tests/vault/rules/rules.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MACHINES 200

struct crowd {
    struct customer *customers[MACHINES];
    struct connection *lines[MACHINES];
    struct request requests[MACHINES];
    const struct reply *replies[MACHINES];
    double seconds[MACHINES]; /* of all requests so far */
};

/* Everybody's request at the same time; each must have this status. */
static void
send_all(struct crowd *crowd, long status)
{
    connection_send_together(crowd->lines, crowd->requests, crowd->replies,
                             MACHINES);
    for (size_t i = 0; i < MACHINES; i++) {
        expect_status(crowd->replies[i], status);
        crowd->seconds[i] += crowd->replies[i]->seconds;
    }
}

static void
get_tokens(struct crowd *crowd)
{
    for (size_t i = 0; i < MACHINES; i++) {
        struct credential *credential = crowd->customers[i]->credential;

        crowd->requests[i] = customer_token_request(
            credential,
            customer_form(credential,
                          statement_sign(statement_assertion(credential))));
    }
    send_all(crowd, 200);
    for (size_t i = 0; i < MACHINES; i++)
        crowd->customers[i]->token = reply_text(crowd->replies[i],
                                                "access_token");
}

static void
get_nonces(struct crowd *crowd)
{
    for (size_t i = 0; i < MACHINES; i++)
        crowd->requests[i] = customer_nonce_request(crowd->customers[i]);
    send_all(crowd, 201);
    for (size_t i = 0; i < MACHINES; i++)
        crowd->customers[i]->nonce = reply_text(crowd->replies[i], "nonce");
}

static void
enrol(struct crowd *crowd)
{
    for (size_t i = 0; i < MACHINES; i++)
        crowd->requests[i] = customer_enrol_request(
            crowd->customers[i], customer_proof(crowd->customers[i]));
    send_all(crowd, 200);
    for (size_t i = 0; i < MACHINES; i++)
        crowd->customers[i]->machine = machine_certificate(
            crowd->replies[i]->body);
}

static double
now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int
compare_seconds(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static int
compare_uuids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
expect_different_machines(const struct crowd *crowd)
{
    const char *uuids[MACHINES];

    for (size_t i = 0; i < MACHINES; i++)
        uuids[i] = machine_uuid(crowd->customers[i]->machine);
    qsort(uuids, MACHINES, sizeof uuids[0], compare_uuids);
    for (size_t i = 1; i < MACHINES; i++)
        assert_string_not_equal(uuids[i - 1], uuids[i]);
}

static void
two_hundred_machines_register_at_once(void **state)
{
    struct crowd *crowd = kept_new(sizeof *crowd);
    double began, took;

    (void)state;
    crowd->customers[0] = customer_new(service_fresh_vault(), "several");
    for (size_t i = 1; i < MACHINES; i++)
        crowd->customers[i] = customer_copy(crowd->customers[0]);
    for (size_t i = 0; i < MACHINES; i++)
        crowd->lines[i] = crowd->customers[i]->line;
    began = now();
    get_tokens(crowd);
    get_nonces(crowd);
    enrol(crowd);
    took = now() - began;
    expect_different_machines(crowd);
    qsort(crowd->seconds, MACHINES, sizeof crowd->seconds[0], compare_seconds);
    print_message(
        "%d registrations: median %.2f s, p99 %.2f s, %.1f a second\n",
        MACHINES, crowd->seconds[MACHINES / 2],
        crowd->seconds[MACHINES * 99 / 100 - 1], MACHINES / took);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(two_hundred_machines_register_at_once),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
