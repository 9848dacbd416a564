/* SPDX-License-Identifier: Apache-2.0 */
/* Every system call of the kernel in every profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/agent/sandbox/filter_run.h"

#define ANY UINT64_C(0xffffffffffffffff)

enum expectation { ALLOW, SOME, REFUSE, ABSENT };

static const struct kernel_call {
    long number;
    const char *name;
    enum expectation credential, net, module;
} calls[] = {
#define CALL(number, name, credential, net, module)                            \
    {number, #name, credential, net, module},
#include "tests/unit/agent/sandbox/kernel_calls.h"
#include "tests/unit/agent/sandbox/kernel_calls_200.h"
#undef CALL
};
#define CALLS (sizeof calls / sizeof calls[0])

static enum expectation
expected(const struct kernel_call *call, enum sandbox_profile profile)
{
    bool sends = call->number == SYS_sendto || call->number == SYS_sendmsg ||
                 call->number == SYS_sendmmsg;

    /* With the network, a connection is made by connect alone. */
    if (sends && (profile == SANDBOX_TCP || profile == SANDBOX_UDP))
        return SOME;
    return profile == SANDBOX_CREDENTIAL ? call->credential
           : profile == SANDBOX_NET      ? call->net
                                         : call->module;
}

static void
every_call_of_the_kernel_is_decided(void **state)
{
    static const int wanted[] = {
        [ALLOW] = 0, [REFUSE] = EPERM, [ABSENT] = ENOSYS};
    static const uint64_t zeros[6], ones[6] = {ANY, ANY, ANY, ANY, ANY, ANY};

    (void)state;
    for (int profile = 0; profile < SANDBOX__MAX; profile++) {
        filter_run_enter((enum sandbox_profile)profile);
        for (size_t i = 0; i < CALLS; i++) {
            enum expectation is = expected(&calls[i],
                                           (enum sandbox_profile)profile);

            if (is != SOME &&
                (filter_run_call(calls[i].number, zeros) != wanted[is] ||
                 filter_run_call(calls[i].number, ones) != wanted[is]))
                fail_msg("profile %d: %s", profile, calls[i].name);
        }
    }
}

/* A call that the kernel had no number for when this was written. */
static void
newer_call_is_not_there(void **state)
{
    static const uint64_t zeros[6];

    (void)state;
    for (int profile = 0; profile < SANDBOX__MAX; profile++) {
        filter_run_enter((enum sandbox_profile)profile);
        for (long number = calls[CALLS - 1].number + 1; number < 1024; number++)
            assert_int_not_equal(filter_run_call(number, zeros), 0);
    }
    filter_run_enter(SANDBOX_TOKEN);
    assert_int_equal(filter_run_call(calls[CALLS - 1].number + 1, zeros),
                     ENOSYS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_of_the_kernel_is_decided),
        cmocka_unit_test(newer_call_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
