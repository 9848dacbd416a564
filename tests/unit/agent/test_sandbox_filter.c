/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters as the kernel would get them, run by an interpreter of their few
 * instructions: every system call in every profile, without making one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "agent/sandbox_filter.h"

#define FILTERS 2
#define INSTRUCTIONS 4096
#define ANY UINT64_C(0xffffffffffffffff)

static struct {
    struct sock_filter code[INSTRUCTIONS];
    size_t length;
} filters[FILTERS];
static size_t count;

int __wrap_seccomp_load(const scmp_filter_ctx filter);

/* Kept instead of entered. */
int
__wrap_seccomp_load(const scmp_filter_ctx filter)
{
    int fd = memfd_create("filter", MFD_CLOEXEC);
    ssize_t length;

    assert_true(count < FILTERS && fd >= 0);
    assert_int_equal(seccomp_export_bpf(filter, fd), 0);
    length = pread(fd, filters[count].code, sizeof filters[count].code, 0);
    assert_true(length > 0 && (size_t)length < sizeof filters[count].code);
    filters[count++].length = (size_t)length / sizeof filters[0].code[0];
    (void)close(fd);
    return 0;
}

static void
enter(enum sandbox_profile profile)
{
    struct err_cause cause = {""};

    count = 0;
    if (sandbox_filter_enter(profile, &cause) != KS_OK)
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

/* An errno, or 0 where the call is made: the strictest filter decides, and of
 * two errors that of the one entered last. */
static int
answer(long number, const uint64_t argument[static 6])
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

enum expectation { ALLOW, SOME, REFUSE, ABSENT };

static const struct kernel_call {
    long number;
    const char *name;
    enum expectation credential, net, module;
} calls[] = {
#define CALL(number, name, credential, net, module)                            \
    {number, #name, credential, net, module},
#include "tests/unit/agent/kernel_calls.h"
#undef CALL
};
#define CALLS (sizeof calls / sizeof calls[0])

static enum expectation
expected(const struct kernel_call *call, enum sandbox_profile profile)
{
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
        enter((enum sandbox_profile)profile);
        for (size_t i = 0; i < CALLS; i++) {
            enum expectation is = expected(&calls[i],
                                           (enum sandbox_profile)profile);

            if (is != SOME && (answer(calls[i].number, zeros) != wanted[is] ||
                               answer(calls[i].number, ones) != wanted[is]))
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
        enter((enum sandbox_profile)profile);
        for (long number = calls[CALLS - 1].number + 1; number < 1024; number++)
            assert_int_not_equal(answer(number, zeros), 0);
    }
    enter(SANDBOX_TOKEN);
    assert_int_equal(answer(calls[CALLS - 1].number + 1, zeros), ENOSYS);
}

/* Arguments from the first on; those left out are zero. */
struct example {
    int error;
    long number;
    uint64_t argument[6];
};

static void
assert_examples(enum sandbox_profile profile, const struct example *example,
                size_t length)
{
    enter(profile);
    for (size_t i = 0; i < length; i++)
        if (answer(example[i].number, example[i].argument) != example[i].error)
            fail_msg("profile %d: example %zu: call %ld: %d", profile, i,
                     example[i].number,
                     answer(example[i].number, example[i].argument));
}
#define ASSERT_EXAMPLES(profile, examples)                                     \
    assert_examples(profile, examples, sizeof(examples) / sizeof(examples)[0])

#define UPPER (UINT64_C(1) << 32) /* what the kernel does not look at */

static void
credential_signals_itself_alone(void **state)
{
    const uint64_t self = (uint64_t)getpid();
    const struct example examples[] = {
        {0, SYS_tgkill, {self, 1, SIGABRT}},
        {EPERM, SYS_tgkill, {self + 1, 1, SIGABRT}},
        {EPERM, SYS_tgkill, {ANY, 1, SIGABRT}},
        {0, SYS_fcntl, {2, F_GETFL}},
        {0, SYS_fcntl, {2, F_ADD_SEALS}},
        {EPERM, SYS_fcntl, {2, F_SETOWN}},
        {EPERM, SYS_fcntl, {2, UPPER + F_SETOWN}},
        {EPERM, SYS_fcntl, {2, F_SETOWN_EX}},
        {EPERM, SYS_fcntl, {2, F_SETSIG}},
    };

    (void)state;
    ASSERT_EXAMPLES(SANDBOX_CREDENTIAL, examples);
    ASSERT_EXAMPLES(SANDBOX_NET, examples);
}

static void
net_opens_to_read_alone(void **state)
{
    static const struct example examples[] = {
        {0, SYS_openat, {0, 0, O_RDONLY | O_CLOEXEC}},
        {0, SYS_open, {0, O_RDONLY | O_NONBLOCK}},
        {EPERM, SYS_openat, {0, 0, O_RDONLY | O_TRUNC}},
        {EPERM, SYS_openat, {0, 0, UPPER + O_TRUNC}},
        {EPERM, SYS_openat, {0, 0, O_WRONLY}},
        {EPERM, SYS_openat, {0, 0, O_RDWR}},
        {EPERM, SYS_openat, {0, 0, O_RDONLY | O_CREAT}},
        {EPERM, SYS_openat, {0, 0, O_PATH}},
        {EPERM, SYS_openat, {0, 0, O_TMPFILE}},
        {EPERM, SYS_open, {0, O_RDONLY | O_TRUNC}},
        {ENOSYS, SYS_openat2, {0}},
    };

    (void)state;
    ASSERT_EXAMPLES(SANDBOX_NET, examples);
}

static void
net_has_connections_alone(void **state)
{
    static const struct example examples[] = {
        {0, SYS_socket, {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP}},
        {0, SYS_socket, {AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0}},
        {0, SYS_socket, {AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0}},
        {EPERM, SYS_socket, {AF_INET, SOCK_RAW, IPPROTO_ICMP}},
        {EPERM, SYS_socket, {AF_INET, UPPER + SOCK_RAW, IPPROTO_RAW}},
        {EPERM, SYS_socket, {AF_INET, SOCK_DGRAM, IPPROTO_ICMP}},
        {EPERM, SYS_socket, {AF_INET, SOCK_STREAM, IPPROTO_MPTCP}},
        {EPERM, SYS_socket, {AF_PACKET, SOCK_DGRAM, 0}},
        {EPERM, SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
        {EPERM, SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
        {0, SYS_socketpair, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC}},
        {EPERM, SYS_socketpair, {AF_UNIX, SOCK_DGRAM}},
        {0, SYS_setsockopt, {3, IPPROTO_TCP, TCP_NODELAY}},
        {0, SYS_setsockopt, {3, IPPROTO_IP, IP_RECVERR}},
        {EPERM, SYS_setsockopt, {3, SOL_SOCKET, SO_ATTACH_FILTER}},
        {EPERM, SYS_setsockopt, {3, SOL_SOCKET, SO_ATTACH_BPF}},
        {EPERM, SYS_setsockopt, {3, SOL_SOCKET, SO_BINDTODEVICE}},
        {EPERM, SYS_setsockopt, {3, IPPROTO_IP, 64}}, /* the packet filter */
        {EPERM, SYS_setsockopt, {3, IPPROTO_TCP, TCP_ULP}},
        {0, SYS_ioctl, {3, FIONBIO}},
        {EPERM, SYS_ioctl, {3, FIOSETOWN}},
        {EPERM, SYS_ioctl, {3, TIOCSTI}},
        {0, SYS_clone, {CLONE_VM | CLONE_SIGHAND | CLONE_THREAD}},
        {EPERM, SYS_clone, {SIGCHLD}},
        {EPERM, SYS_clone, {CLONE_THREAD | CLONE_NEWNET}},
    };

    (void)state;
    ASSERT_EXAMPLES(SANDBOX_NET, examples);
}

static void
module_has_threads_and_itself_alone(void **state)
{
    const uint64_t self = (uint64_t)getpid();
    const struct example examples[] = {
        {0, SYS_clone, {CLONE_VM | CLONE_SIGHAND | CLONE_THREAD}},
        {EPERM, SYS_clone, {SIGCHLD}},
        {EPERM, SYS_clone, {CLONE_VM | CLONE_VFORK | SIGCHLD}},
        {EPERM, SYS_clone, {CLONE_NEWUSER | SIGCHLD}},
        {EPERM, SYS_clone, {CLONE_THREAD | CLONE_NEWNET}},
        {EPERM, SYS_clone, {CLONE_THREAD | CLONE_NEWNS}},
        {0, SYS_kill, {self, SIGTERM}},
        {EPERM, SYS_kill, {self + 1, SIGTERM}},
        {EPERM, SYS_kill, {0, SIGTERM}},
        {EPERM, SYS_kill, {ANY, SIGTERM}},
        {0, SYS_tgkill, {self, 1, SIGTERM}},
        {EPERM, SYS_tgkill, {1, 1, SIGTERM}},
        {0, SYS_rt_sigqueueinfo, {self, SIGTERM}},
        {EPERM, SYS_rt_sigqueueinfo, {1, SIGTERM}},
        {0, SYS_rt_tgsigqueueinfo, {self, 1, SIGTERM}},
        {EPERM, SYS_rt_tgsigqueueinfo, {1, 1, SIGTERM}},
        {0, SYS_prlimit64, {0, 0}},
        {EPERM, SYS_prlimit64, {1, 0}},
        {0, SYS_prctl, {PR_SET_NAME}},
        {EPERM, SYS_prctl, {PR_SET_PDEATHSIG, 0}},
        {EPERM, SYS_prctl, {PR_SET_DUMPABLE, 1}},
        {EPERM, SYS_prctl, {PR_SET_PTRACER, ANY}},
    };

    (void)state;
    ASSERT_EXAMPLES(SANDBOX_TOKEN, examples);
    ASSERT_EXAMPLES(SANDBOX_INSPECT, examples);
}

static void
module_has_descriptors_of_its_own_alone(void **state)
{
    static const struct example examples[] = {
        {0, SYS_socket, {AF_UNIX, SOCK_STREAM}},
        {EPERM, SYS_socket, {AF_INET, SOCK_STREAM}},
        {EPERM, SYS_socket, {AF_NETLINK, SOCK_RAW}},
        {0, SYS_socketpair, {AF_UNIX, SOCK_DGRAM}},
        {EPERM, SYS_socketpair, {AF_TIPC, SOCK_STREAM}},
        {0, SYS_fcntl, {3, F_SETLK}},
        {EPERM, SYS_fcntl, {3, F_SETOWN}},
        {EPERM, SYS_fcntl, {3, F_SETOWN_EX}},
        {EPERM, SYS_fcntl, {3, F_SETSIG}},
        {0, SYS_ioctl, {3, FIONREAD}},
        {EPERM, SYS_ioctl, {3, FIOSETOWN}},
        {EPERM, SYS_ioctl, {3, SIOCSPGRP}},
        {EPERM, SYS_ioctl, {2, TIOCSTI}},
        {EPERM, SYS_ioctl, {2, UPPER + TIOCSTI}},
        {EPERM, SYS_ioctl, {2, TIOCLINUX}},
        {EPERM, SYS_ioctl, {2, TIOCSPGRP}},
    };

    (void)state;
    ASSERT_EXAMPLES(SANDBOX_TOKEN, examples);
    ASSERT_EXAMPLES(SANDBOX_INSPECT, examples);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_of_the_kernel_is_decided),
        cmocka_unit_test(newer_call_is_not_there),
        cmocka_unit_test(credential_signals_itself_alone),
        cmocka_unit_test(net_opens_to_read_alone),
        cmocka_unit_test(net_has_connections_alone),
        cmocka_unit_test(module_has_threads_and_itself_alone),
        cmocka_unit_test(module_has_descriptors_of_its_own_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
