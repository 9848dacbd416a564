/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations with a vault whose server fails now and then, or for good, and
 * that may close its connection each time: what is signed for suffices.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/programs/hostile_rig.h"

#define FAILURES 5U /* of each request: 15.5 s of pauses at most, of 120 */
#define REQUESTS 5U /* of an enrolment; then the machine has one */

static void
vault_that_fails_twice_is_asked_again(void **state)
{
    (void)state;
    hostile_reply(&hostile, HOSTILE_TOKEN, "503 Busy", "Retry-After: 1\r\n",
                  "");
    hostile.script->times = 2;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(hostile.script->asked[HOSTILE_TOKEN], 3);
    assert_int_equal(hostile.script->asked[HOSTILE_DISCOVERY], 1);
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
}

static void
vault_that_stays_failing_is_given_up(void **state)
{
    static const char failed[] = "the vault's server has failed";
    unsigned asked;

    (void)state;
    hostile_reply(&hostile, HOSTILE_DISCOVERY, "500 Oops", "", "");
    rig_register(&rig, &run, file);
    asked = hostile.script->asked[HOSTILE_DISCOVERY];
    rig_expect(&run, 69, failed);
    assert_in_range(asked, 8, 13);
    /* One that closes costs a handshake each time, and is asked as often. */
    hostile_reset(&hostile);
    hostile_reply(&hostile, HOSTILE_DISCOVERY, "502 Bad Gateway", HOSTILE_CLOSE,
                  "");
    hostile.script->closes = true;
    rig_register(&rig, &run, file);
    asked = hostile.script->asked[HOSTILE_DISCOVERY];
    rig_expect(&run, 69, failed);
    assert_in_range(asked, 8, 13);
    assert_int_equal(hostile.script->handshakes, asked);
    hostile_reset(&hostile);
    hostile_reply(&hostile, HOSTILE_DISCOVERY, "429 Later",
                  "Retry-After: 3600\r\n", "");
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, failed);
    assert_int_equal(hostile.script->asked[HOSTILE_DISCOVERY], 1);
    hostile_rig_expect_kept("failing", 1);
    hostile_reset(&hostile);
    hostile_rig_expect_registration();
}

/* A server or its front that lacks what is asked for has it no more in two
 * minutes. */
static void
vault_that_answers_for_good_is_asked_once(void **state)
{
    static const struct {
        const char *status;
        int exit_status;
        const char *says;
    } answers[] = {
        {"501 Not Implemented", 69, "it answers 501, and would again"},
        {"505 HTTP Version Not Supported", 69, "it answers 505, and would"},
        {"507 Insufficient Storage", 76, "the vault's space is used up"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        hostile_reset(&hostile);
        hostile_reply(&hostile, HOSTILE_DISCOVERY, answers[i].status, "", "");
        rig_register(&rig, &run, file);
        rig_expect(&run, answers[i].exit_status, answers[i].says);
        assert_int_equal(hostile.script->asked[HOSTILE_DISCOVERY], 1);
        hostile_rig_expect_kept(answers[i].status, 1);
    }
    hostile_reset(&hostile);
    hostile_reply(&hostile, HOSTILE_DISCOVERY, "408 Request Timeout", "", "");
    hostile.script->times = 1;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(hostile.script->asked[HOSTILE_DISCOVERY], 2);
}

/* Every request fails, and every reply is the end of its connection. */
static void
vault_that_fails_and_closes_registers(void **state)
{
    (void)state;
    hostile_reply(&hostile, HOSTILE_EVERY, "503 Busy", HOSTILE_CLOSE, "");
    hostile.script->times = FAILURES;
    hostile.script->closes = true;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    for (int step = 0; step < HOSTILE__MAX; step++)
        assert_int_equal(hostile.script->asked[step],
                         step == HOSTILE_LEAVE || step == HOSTILE_EVIDENCE
                             ? 0
                             : FAILURES + 1);
    assert_int_equal(hostile.script->handshakes,
                     (REQUESTS + 1) * (FAILURES + 1));
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        HOSTILE_RIG(vault_that_fails_twice_is_asked_again),
        HOSTILE_RIG(vault_that_stays_failing_is_given_up),
        HOSTILE_RIG(vault_that_answers_for_good_is_asked_once),
        HOSTILE_RIG(vault_that_fails_and_closes_registers),
    };

    return rig_case_main(argc, argv, tests);
}
