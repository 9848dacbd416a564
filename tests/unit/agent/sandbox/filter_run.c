/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/sandbox/filter_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>

#include <seccomp.h>

#include "agent/sandbox/program.h"

#define FILTERS SANDBOX_PROGRAM_MAX
#define INSTRUCTIONS BPF_MAXINSNS

static struct {
    struct sock_filter code[INSTRUCTIONS];
    size_t length;
} filters[FILTERS];
static size_t count;

int __wrap_prctl(int option, ...);

/* Kept instead of entered. */
int
__wrap_prctl(int option, ...)
{
    const struct sock_fprog *program;
    va_list arguments;

    va_start(arguments, option);
    assert_int_equal(option, PR_SET_SECCOMP);
    assert_int_equal(va_arg(arguments, int), SECCOMP_MODE_FILTER);
    program = va_arg(arguments, const struct sock_fprog *);
    va_end(arguments);
    assert_true(count < FILTERS && program->len <= INSTRUCTIONS);
    filters[count].length = program->len;
    memcpy(filters[count++].code, program->filter,
           program->len * sizeof program->filter[0]);
    return 0;
}

void
filter_run_enter(enum sandbox_profile profile)
{
    struct err_cause cause = {""};

    count = 0;
    if (sandbox_filter_enter(profile, &cause) != KS_OK)
        fail_msg("%s", cause.text);
}

void
filter_run_leave_terminal(void)
{
    struct err_cause cause = {""};

    if (sandbox_filter_leave_terminal(&cause) != KS_OK)
        fail_msg("%s", cause.text);
}

static bool
holds(uint16_t code, uint32_t a, uint32_t k)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ:
        return a == k;
    case BPF_JGT:
        return a > k;
    case BPF_JGE:
        return a >= k;
    case BPF_JSET:
        return (a & k) != 0;
    default:
        fail_msg("a jump of libseccomp's that is not known: %#x", code);
        return false;
    }
}

/* seccomp(2): a classic BPF program over a call. */
static uint32_t
run(const struct sock_filter *code, size_t length,
    const struct seccomp_data *call)
{
    uint32_t a = 0;

    for (size_t at = 0; at < length; at++) {
        const struct sock_filter *now = &code[at];

        switch (BPF_CLASS(now->code)) {
        case BPF_LD:
            assert_int_equal(now->code, BPF_LD | BPF_W | BPF_ABS);
            assert_true(now->k + sizeof a <= sizeof *call);
            memcpy(&a, (const char *)call + now->k, sizeof a);
            break;
        case BPF_ALU:
            assert_int_equal(now->code, BPF_ALU | BPF_AND | BPF_K);
            a &= now->k;
            break;
        case BPF_JMP:
            if (BPF_OP(now->code) == BPF_JA)
                at += now->k;
            else
                at += holds(now->code, a, now->k) ? now->jt : now->jf;
            break;
        case BPF_RET:
            return now->k;
        default:
            fail_msg("an instruction that is not known: %#x", now->code);
        }
    }
    fail_msg("a program without an end");
    return 0;
}

int
filter_run_call(long number, const uint64_t argument[static 6])
{
    struct seccomp_data call = {.nr = (int)number,
                                .arch = seccomp_arch_native()};
    int result = 0;

    memcpy(call.args, argument, sizeof call.args);
    for (size_t i = 0; i < count; i++) {
        uint32_t got = run(filters[i].code, filters[i].length, &call);

        if (got == SECCOMP_RET_ALLOW)
            continue;
        assert_int_equal(got & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
        result = (int)(got & SECCOMP_RET_DATA);
    }
    return result;
}
