/* SPDX-License-Identifier: Apache-2.0 */
/* How long a failed server is waited for, without waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/ipc/retry.h"

#define MOST_REPETITIONS 40

/* The pauses of a request whose every repetition fails at once; their number is
 * returned, their sum left in *RET. */
static unsigned
run(uint32_t random, uint64_t *ret)
{
    unsigned number = 0;
    uint64_t wait;

    *ret = 0;
    while (number < MOST_REPETITIONS &&
           retry_wait(number, *ret, 0, random, &wait)) {
        *ret += wait;
        number++;
    }
    return number;
}

static void
it_ends_within_two_minutes_whatever_chance_says(void **state)
{
    static const uint32_t chances[] = {0, 1, 249, 250, 251, 77777, UINT32_MAX};
    uint64_t sum;

    (void)state;
    for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++) {
        unsigned number = run(chances[i], &sum);

        assert_in_range(number, 7, 12);
        assert_in_range(sum, 60000, RETRY_TOTAL);
    }
}

/* The most repetitions of REQUESTS requests: the shortest pause that is left,
 * again and again. */
static unsigned
most(unsigned requests)
{
    unsigned numbers[8] = {0};
    unsigned total = 0;
    uint64_t spent = 0, wait;

    assert_in_range(requests, 1, 8);
    for (;;) {
        unsigned least = 0;

        for (unsigned i = 1; i < requests; i++)
            if (numbers[i] < numbers[least])
                least = i;
        if (!retry_wait(numbers[least], spent, 0, 0, &wait))
            return total;
        numbers[least]++;
        spent += wait;
        total++;
    }
}

/* Signatures are counted by them (agent/statement/statement.c). */
static void
most_repetitions_are_as_many_as_is_said(void **state)
{
    (void)state;
    assert_int_equal(most(2), RETRY_MOST_OF_TWO);
    assert_int_equal(most(6), RETRY_MOST_OF_SIX);
}

static void
nothing_is_waited_for_beyond_the_end(void **state)
{
    uint64_t wait = 4711;

    (void)state;
    assert_false(retry_wait(0, RETRY_TOTAL, 0, 0, &wait));
    assert_false(retry_wait(0, RETRY_TOTAL - 249, 0, 0, &wait));
    assert_false(retry_wait(0, UINT64_MAX, 0, 0, &wait));
    assert_int_equal(wait, 4711);
    assert_true(retry_wait(0, RETRY_TOTAL - 250, 0, 0, &wait));
    assert_int_equal(wait, 250);
}

static void
pauses_double_up_to_half_a_minute(void **state)
{
    static const uint64_t whole[] = {500,   1000,  2000,  4000, 8000,
                                     16000, 30000, 30000, 30000};
    uint64_t wait;

    (void)state;
    for (unsigned i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        assert_true(retry_wait(i, 0, 0, 0, &wait));
        assert_int_equal(wait, whole[i] / 2);
        assert_true(retry_wait(i, 0, 0, (uint32_t)whole[i] / 2, &wait));
        assert_int_equal(wait, whole[i]);
    }
    assert_true(retry_wait(UINT32_MAX, 0, 0, 0, &wait));
    assert_int_equal(wait, 15000);
}

static void
chance_decides_between_half_and_whole(void **state)
{
    uint64_t first, wait;
    unsigned others = 0;

    (void)state;
    assert_true(retry_wait(3, 0, 0, 0, &first));
    for (uint32_t random = 0; random < 100000; random += 37) {
        assert_true(retry_wait(3, 0, 0, random, &wait));
        assert_in_range(wait, 2000, 4000);
        others += wait != first;
    }
    assert_true(others > 2000);
}

static void
server_may_ask_for_more_but_not_for_too_much(void **state)
{
    uint64_t wait = 4711;

    (void)state;
    assert_true(retry_wait(0, 0, 10, 0, &wait));
    assert_int_equal(wait, 250);
    assert_true(retry_wait(0, 0, 90000, 0, &wait));
    assert_int_equal(wait, 90000);
    assert_false(retry_wait(0, 40000, 90000, 0, &wait));
    assert_false(retry_wait(0, 0, RETRY_TOTAL + 1, 0, &wait));
    assert_false(retry_wait(0, 0, UINT64_MAX, 0, &wait));
    assert_int_equal(wait, 90000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_within_two_minutes_whatever_chance_says),
        cmocka_unit_test(most_repetitions_are_as_many_as_is_said),
        cmocka_unit_test(nothing_is_waited_for_beyond_the_end),
        cmocka_unit_test(pauses_double_up_to_half_a_minute),
        cmocka_unit_test(chance_decides_between_half_and_whole),
        cmocka_unit_test(server_may_ask_for_more_but_not_for_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
