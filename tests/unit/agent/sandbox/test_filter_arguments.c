/* SPDX-License-Identifier: Apache-2.0 */
/* Calls whose arguments decide, in every profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/agent/sandbox/filter_run.h"

#define ANY UINT64_C(0xffffffffffffffff)

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
    filter_run_enter(profile);
    for (size_t i = 0; i < length; i++)
        if (filter_run_call(example[i].number, example[i].argument) !=
            example[i].error)
            fail_msg("profile %d: example %zu: call %ld: %d", profile, i,
                     example[i].number,
                     filter_run_call(example[i].number, example[i].argument));
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
        {0, SYS_fcntl, {2, F_SETFL, O_WRONLY | O_NONBLOCK}},
        {EPERM, SYS_fcntl, {2, F_SETFL, O_WRONLY | O_ASYNC}},
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
        {0, SYS_ioctl, {3, SIOCGIFINDEX}},
        {EPERM, SYS_ioctl, {3, SIOCSIFFLAGS}},
        {EPERM, SYS_ioctl, {3, FIOASYNC}},
        {0, SYS_fcntl, {3, F_SETPIPE_SZ, 1048576}},
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
        {EPERM, SYS_prctl, {PR_SET_DUMPABLE, UPPER}},
        {0, SYS_prctl, {PR_SET_DUMPABLE, 0}},
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
        {EPERM, SYS_ioctl, {2, TIOCSWINSZ}},
        {EPERM, SYS_ioctl, {3, FIOASYNC}},
        {0, SYS_fcntl, {3, F_SETFL, O_NONBLOCK}},
        {EPERM, SYS_fcntl, {3, F_SETFL, O_NONBLOCK | O_ASYNC}},
    };

    (void)state;
    ASSERT_EXAMPLES(SANDBOX_TOKEN, examples);
    ASSERT_EXAMPLES(SANDBOX_INSPECT, examples);
}

/* As far as an administrator's line lets it; all else is as without one. */
static void
networked_module_has_tcp_alone(void **state)
{
    static const struct example examples[] = {
        {0, SYS_socket, {AF_UNIX, SOCK_STREAM}},
        {0, SYS_socket, {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP}},
        {0, SYS_socket, {AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0}},
        {ENOSYS, SYS_socket, {AF_INET, SOCK_STREAM, IPPROTO_MPTCP}},
        {ENOSYS, SYS_socket, {AF_INET, SOCK_RAW, IPPROTO_ICMP}},
        {ENOSYS, SYS_socket, {AF_NETLINK, SOCK_RAW}},
        {ENOSYS, SYS_socket, {AF_PACKET, SOCK_DGRAM}},
        {0, SYS_connect, {3}},
        {EPERM, SYS_bind, {3}},
        {EPERM, SYS_listen, {3}},
        {0, SYS_sendto, {3, 0, 1, MSG_NOSIGNAL}},
        {EPERM, SYS_sendto, {3, 0, 1, MSG_FASTOPEN}},
        {EPERM, SYS_sendto, {3, 0, 1, UPPER + MSG_FASTOPEN + MSG_NOSIGNAL}},
        {EPERM, SYS_sendmsg, {3, 0, MSG_FASTOPEN}},
        {EPERM, SYS_sendmmsg, {3, 0, 1, MSG_FASTOPEN}},
        {0, SYS_setsockopt, {3, IPPROTO_TCP, TCP_NODELAY}},
        {EPERM, SYS_setsockopt, {3, IPPROTO_TCP, TCP_ULP}},
        {EPERM, SYS_clone, {SIGCHLD}},
        {EPERM, SYS_ioctl, {2, TIOCSTI}},
        {EPERM, SYS_prctl, {PR_SET_DUMPABLE, 1}},
    };
    static const struct example tcp[] = {
        {ENOSYS, SYS_socket, {AF_INET, SOCK_DGRAM, 0}},
        {ENOSYS, SYS_socket, {AF_INET6, SOCK_DGRAM, IPPROTO_UDP}},
    };
    static const struct example udp[] = {
        {0, SYS_socket, {AF_INET, SOCK_DGRAM, 0}},
        {0, SYS_socket, {AF_INET6, SOCK_DGRAM, IPPROTO_UDP}},
        {ENOSYS, SYS_socket, {AF_INET, SOCK_DGRAM, IPPROTO_ICMP}},
    };

    (void)state;
    ASSERT_EXAMPLES(SANDBOX_TCP, examples);
    ASSERT_EXAMPLES(SANDBOX_TCP, tcp);
    ASSERT_EXAMPLES(SANDBOX_UDP, examples);
    ASSERT_EXAMPLES(SANDBOX_UDP, udp);
}

/* Once there may be a module, keys stay what they are. */
static void
module_leaves_the_terminals_settings(void **state)
{
    static const uint64_t zeros[6];
    static const unsigned settings[] = {TCSETS,  TCSETSW,  TCSETSF,
                                        TCSETA,  TCSETAW,  TCSETAF,
                                        TCSETS2, TCSETSW2, TCSETSF2};

    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const uint64_t argument[6] = {2, UPPER + settings[i]};

        filter_run_enter(SANDBOX_INSPECT);
        assert_int_equal(filter_run_call(SYS_ioctl, argument), EPERM);
        filter_run_enter(SANDBOX_TOKEN);
        assert_int_equal(filter_run_call(SYS_ioctl, argument), 0);
        filter_run_leave_terminal();
        assert_int_equal(filter_run_call(SYS_ioctl, argument), EPERM);
        assert_int_equal(
            filter_run_call(SYS_ioctl, (const uint64_t[6]){2, TCGETS}), 0);
        assert_int_equal(filter_run_call(SYS_read, zeros), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credential_signals_itself_alone),
        cmocka_unit_test(net_opens_to_read_alone),
        cmocka_unit_test(net_has_connections_alone),
        cmocka_unit_test(module_has_threads_and_itself_alone),
        cmocka_unit_test(module_has_descriptors_of_its_own_alone),
        cmocka_unit_test(networked_module_has_tcp_alone),
        cmocka_unit_test(module_leaves_the_terminals_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
