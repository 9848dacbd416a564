/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which arguments a call may have.  seccomp sees registers, never what they
 * point to: a call whose argument is behind a pointer is refused, with ENOSYS
 * where the C library then takes an older one.
 *
 * The profiles of a list allow calls by their arguments in the one filter.  A
 * module's has two: libseccomp forgets what a rule says of arguments where
 * another allows the call as a whole, and of two filters the kernel takes the
 * stricter answer.
 */
#include "agent/sandbox/rules.h"

#include <asm/termbits.h> /* TCSETS2: termios.h has it not */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "agent/sandbox/calls.h"
#include "agent/sandbox/program.h"

#define SYS(name) SCMP_SYS(name)

/* A call by some of its arguments.  The kernel looks at the lower 32 bits of an
 * int, whatever stands above them. */
#define ARGUMENTS_MAX 3
struct rule {
    int call; /* 0 and no argument: the end */
    unsigned count;
    struct scmp_arg_cmp argument[ARGUMENTS_MAX];
};

#define BITS(n, mask, value)                                                   \
    {                                                                          \
        .arg = (n), .op = SCMP_CMP_MASKED_EQ, .datum_a = (uint32_t)(mask),     \
        .datum_b = (uint32_t)(value)                                           \
    }
#define IS(n, value) BITS(n, UINT32_MAX, value)
#define NOT(n, value)                                                          \
    {                                                                          \
        .arg = (n), .op = SCMP_CMP_NE, .datum_a = (uint64_t)(value)            \
    }
#define ONE(name, a)                                                           \
    {                                                                          \
        SYS(name), 1,                                                          \
        {                                                                      \
            a                                                                  \
        }                                                                      \
    }
#define TWO(name, a, b)                                                        \
    {                                                                          \
        SYS(name), 2,                                                          \
        {                                                                      \
            a, b                                                               \
        }                                                                      \
    }
#define END                                                                    \
    {                                                                          \
        0, 0,                                                                  \
        {                                                                      \
            IS(0, 0)                                                           \
        }                                                                      \
    }

/* Commands of fcntl(2) that do not make the kernel send signals.  With O_ASYNC
 * a terminal's descriptor would have it send them to whatever stands in front
 * there, without an owner being named. */
static const struct rule descriptor_rules[] = {
    ONE(fcntl, IS(1, F_DUPFD)),
    ONE(fcntl, IS(1, F_DUPFD_CLOEXEC)),
    ONE(fcntl, IS(1, F_GETFD)),
    ONE(fcntl, IS(1, F_SETFD)),
    ONE(fcntl, IS(1, F_GETFL)),
    TWO(fcntl, IS(1, F_SETFL), BITS(2, O_ASYNC, 0)),
    ONE(fcntl, IS(1, F_ADD_SEALS)),
    ONE(fcntl, IS(1, F_GET_SEALS)),
    END};

/* Landlock below version 3 does not know truncating: whoever owns a file that
 * may be read, empties it by O_TRUNC. */
#define NO_READING_FLAG                                                        \
    (~(O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_DIRECTORY))
#define KIND (~(SOCK_CLOEXEC | SOCK_NONBLOCK))
#define CONNECTION(family, kind, protocol)                                     \
    {                                                                          \
        SYS(socket), 3,                                                        \
        {                                                                      \
            IS(0, family), BITS(1, KIND, kind), IS(2, protocol)                \
        }                                                                      \
    }
#define NAMESPACES                                                             \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |             \
     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static const struct rule net_rules[] = {
    ONE(open, BITS(1, NO_READING_FLAG, O_RDONLY)),
    ONE(openat, BITS(2, NO_READING_FLAG, O_RDONLY)),
    /* libcurl's connections, and the resolver's questions */
    CONNECTION(AF_INET, SOCK_STREAM, 0),
    CONNECTION(AF_INET, SOCK_STREAM, IPPROTO_TCP),
    CONNECTION(AF_INET, SOCK_DGRAM, 0),
    CONNECTION(AF_INET, SOCK_DGRAM, IPPROTO_UDP),
    CONNECTION(AF_INET6, SOCK_STREAM, 0),
    CONNECTION(AF_INET6, SOCK_STREAM, IPPROTO_TCP),
    CONNECTION(AF_INET6, SOCK_DGRAM, 0),
    CONNECTION(AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
    /* A connected pair of streams (libcurl wakes itself with one) reaches
     * nobody; a pair of datagram sockets could be connected elsewhere. */
    TWO(socketpair, IS(0, AF_UNIX), BITS(1, KIND, SOCK_STREAM)),
    /* what libcurl sets of a connection, and the resolver of a question */
    TWO(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_KEEPALIVE)),
    TWO(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY)),
    TWO(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_KEEPIDLE)),
    TWO(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_KEEPINTVL)),
    TWO(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_KEEPCNT)),
    TWO(setsockopt, IS(1, IPPROTO_IP), IS(2, IP_RECVERR)),
    TWO(setsockopt, IS(1, IPPROTO_IPV6), IS(2, IPV6_RECVERR)),
    ONE(ioctl, IS(1, FIONBIO)), ONE(ioctl, IS(1, FIONREAD)),
    /* the number of the interface behind which a link-local name server is */
    ONE(ioctl, IS(1, SIOCGIFINDEX)),
    /* the relay's pipes */
    ONE(fcntl, IS(1, F_SETPIPE_SZ)),
    /* Threads yes, processes and namespaces no. */
    ONE(clone, BITS(0, CLONE_THREAD | NAMESPACES, CLONE_THREAD)), END};

/* Arguments that are refused in calls that a module may otherwise make.
 * Descriptors can be made to send signals to any process of the user. */
static const struct rule module_refusals[] = {
    ONE(socketpair, NOT(0, AF_UNIX)), ONE(clone, BITS(0, CLONE_THREAD, 0)),
    ONE(clone, BITS(0, CLONE_NEWNS, CLONE_NEWNS)),
    ONE(clone, BITS(0, CLONE_NEWCGROUP, CLONE_NEWCGROUP)),
    ONE(clone, BITS(0, CLONE_NEWUTS, CLONE_NEWUTS)),
    ONE(clone, BITS(0, CLONE_NEWIPC, CLONE_NEWIPC)),
    ONE(clone, BITS(0, CLONE_NEWUSER, CLONE_NEWUSER)),
    ONE(clone, BITS(0, CLONE_NEWPID, CLONE_NEWPID)),
    ONE(clone, BITS(0, CLONE_NEWNET, CLONE_NEWNET)),
    ONE(fcntl, IS(1, F_SETOWN)), ONE(fcntl, IS(1, F_SETOWN_EX)),
    ONE(fcntl, IS(1, F_SETSIG)), ONE(ioctl, IS(1, FIOSETOWN)),
    ONE(ioctl, IS(1, SIOCSPGRP)), ONE(ioctl, IS(1, FIOASYNC)),
    TWO(fcntl, IS(1, F_SETFL), BITS(2, O_ASYNC, O_ASYNC)),
    /* Standard error may be the operator's terminal: nothing types there, or
     * takes the keyboard's signals from whom they are for. */
    ONE(ioctl, IS(1, TIOCSTI)), ONE(ioctl, IS(1, TIOCLINUX)),
    ONE(ioctl, IS(1, TIOCSPGRP)), ONE(ioctl, IS(1, TIOCSWINSZ)),
    ONE(ioctl, IS(1, TIOCSETD)),
    /* A limit of its processor time kills another process. */
    ONE(prlimit64, NOT(0, 0)),
    /* Its starter's end is its end, and nobody may look into it. */
    ONE(prctl, IS(0, PR_SET_PDEATHSIG)),
    TWO(prctl, IS(0, PR_SET_DUMPABLE), NOT(1, 0)),
    ONE(prctl, IS(0, PR_SET_PTRACER)), END};

static const struct rule own_machine_alone[] = {ONE(socket, NOT(0, AF_UNIX)),
                                                END};

/* Landlock looks at connect alone, and at TCP: a first message that makes the
 * connection (TCP Fast Open) would pass it by, as multipath TCP would.  A
 * connection's upper protocols are the kernel's seldom used code. */
static const struct rule tcp_refusals[] = {
    ONE(sendto, BITS(3, MSG_FASTOPEN, MSG_FASTOPEN)),
    ONE(sendmsg, BITS(2, MSG_FASTOPEN, MSG_FASTOPEN)),
    ONE(sendmmsg, BITS(3, MSG_FASTOPEN, MSG_FASTOPEN)),
    TWO(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_ULP)), END};

/* The sockets of a module that the administrator lets out of its machine. */
static const struct rule tcp_sockets[] = {
    ONE(socket, IS(0, AF_UNIX)),
    CONNECTION(AF_INET, SOCK_STREAM, 0),
    CONNECTION(AF_INET, SOCK_STREAM, IPPROTO_TCP),
    CONNECTION(AF_INET6, SOCK_STREAM, 0),
    CONNECTION(AF_INET6, SOCK_STREAM, IPPROTO_TCP),
    END};
static const struct rule udp_sockets[] = {
    CONNECTION(AF_INET, SOCK_DGRAM, 0),
    CONNECTION(AF_INET, SOCK_DGRAM, IPPROTO_UDP),
    CONNECTION(AF_INET6, SOCK_DGRAM, 0),
    CONNECTION(AF_INET6, SOCK_DGRAM, IPPROTO_UDP), END};

/* A terminal's settings say which keys send signals to what stands in front
 * there.  Turning off the echo is such a setting. */
static const struct rule terminal_refusals[] = {
    ONE(ioctl, IS(1, TCSETS)),   ONE(ioctl, IS(1, TCSETSW)),
    ONE(ioctl, IS(1, TCSETSF)),  ONE(ioctl, IS(1, TCSETA)),
    ONE(ioctl, IS(1, TCSETAW)),  ONE(ioctl, IS(1, TCSETAF)),
    ONE(ioctl, IS(1, TCSETS2)),  ONE(ioctl, IS(1, TCSETSW2)),
    ONE(ioctl, IS(1, TCSETSF2)), END};

static bool
add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls)
{
    for (; *calls != SANDBOX_CALLS_END; calls++) {
        int rc = seccomp_rule_add(filter, action, *calls, 0);

        /* A call this architecture does not have, or one whose action is the
         * default's already, needs no rule. */
        if (rc != 0 && rc != -EDOM && rc != -EACCES)
            return false;
    }
    return true;
}

static bool
add_rules(scmp_filter_ctx filter, uint32_t action, const struct rule *rule)
{
    for (; rule->count > 0; rule++) {
        int rc = seccomp_rule_add_array(filter, action, rule->call, rule->count,
                                        rule->argument);

        if (rc != 0 && rc != -EDOM)
            return false;
    }
    return true;
}

/* Signals by process go to this one alone, which abort(3) and raise(3) need. */
static const struct rule own_signals[] = {
    ONE(tgkill, IS(0, SANDBOX_PROGRAM_OWN_PID)), END};

static const struct rule others_signals[] = {
    ONE(kill, NOT(0, SANDBOX_PROGRAM_OWN_PID)),
    ONE(tgkill, NOT(0, SANDBOX_PROGRAM_OWN_PID)),
    ONE(rt_sigqueueinfo, NOT(0, SANDBOX_PROGRAM_OWN_PID)),
    ONE(rt_tgsigqueueinfo, NOT(0, SANDBOX_PROGRAM_OWN_PID)), END};

static bool
hide_newer_calls(scmp_filter_ctx filter)
{
    static const int calls[] = {SYS(clone3), SYS(openat2), SANDBOX_CALLS_END};

    return add_calls(filter, SCMP_ACT_ERRNO(ENOSYS), calls);
}

static bool
fill_list(scmp_filter_ctx filter, bool net)
{
    return add_calls(filter, SCMP_ACT_ALLOW, sandbox_calls_basic) &&
           add_calls(filter, SCMP_ACT_ALLOW,
                     net ? sandbox_calls_net : sandbox_calls_credential) &&
           add_rules(filter, SCMP_ACT_ALLOW, descriptor_rules) &&
           (!net || add_rules(filter, SCMP_ACT_ALLOW, net_rules)) &&
           add_rules(filter, SCMP_ACT_ALLOW, own_signals) &&
           hide_newer_calls(filter);
}

static bool
fill_module_arguments(scmp_filter_ctx filter, const struct rule *sockets)
{
    return add_rules(filter, SCMP_ACT_ERRNO(EPERM), module_refusals) &&
           add_rules(filter, SCMP_ACT_ERRNO(EPERM), sockets) &&
           add_rules(filter, SCMP_ACT_ERRNO(EPERM), others_signals);
}

static bool
fill_module_calls(scmp_filter_ctx filter)
{
    return add_calls(filter, SCMP_ACT_ALLOW, sandbox_calls_basic) &&
           add_calls(filter, SCMP_ACT_ALLOW, sandbox_calls_module) &&
           add_calls(filter, SCMP_ACT_ERRNO(EPERM), sandbox_calls_never);
}

static bool
fill_networked_calls(scmp_filter_ctx filter, bool udp)
{
    return fill_module_calls(filter) &&
           add_rules(filter, SCMP_ACT_ALLOW, tcp_sockets) &&
           (!udp || add_rules(filter, SCMP_ACT_ALLOW, udp_sockets));
}

static bool
fill(scmp_filter_ctx filter, enum sandbox_rules rules)
{
    static const int socket_call[] = {SYS(socket), SANDBOX_CALLS_END};

    switch (rules) {
    case SANDBOX_RULES_CREDENTIAL:
    case SANDBOX_RULES_NET:
        return fill_list(filter, rules == SANDBOX_RULES_NET);
    case SANDBOX_RULES_MODULE_ARGUMENTS:
        return fill_module_arguments(filter, own_machine_alone);
    case SANDBOX_RULES_MODULE_TERMINAL:
        return add_rules(filter, SCMP_ACT_ERRNO(EPERM), terminal_refusals);
    case SANDBOX_RULES_MODULE_CALLS:
        return fill_module_calls(filter) &&
               add_calls(filter, SCMP_ACT_ALLOW, socket_call);
    case SANDBOX_RULES_NETWORKED_ARGUMENTS:
        return fill_module_arguments(filter, tcp_refusals);
    case SANDBOX_RULES_TCP_CALLS:
    case SANDBOX_RULES_UDP_CALLS:
        return fill_networked_calls(filter, rules == SANDBOX_RULES_UDP_CALLS);
    }
    return false;
}

/* Whatever no rule speaks of. */
static uint32_t
others(enum sandbox_rules rules)
{
    switch (rules) {
    case SANDBOX_RULES_MODULE_ARGUMENTS:
    case SANDBOX_RULES_MODULE_TERMINAL:
    case SANDBOX_RULES_NETWORKED_ARGUMENTS:
        return SCMP_ACT_ALLOW;
    case SANDBOX_RULES_MODULE_CALLS:
    case SANDBOX_RULES_TCP_CALLS:
    case SANDBOX_RULES_UDP_CALLS:
        return SCMP_ACT_ERRNO(ENOSYS);
    case SANDBOX_RULES_CREDENTIAL:
    case SANDBOX_RULES_NET:
        break;
    }
    return SCMP_ACT_ERRNO(EPERM);
}

scmp_filter_ctx
sandbox_rules_filter(enum sandbox_rules rules)
{
    /* A tree by the calls' numbers: the kernel runs a program once for each
     * call's number when it is loaded. */
    static const uint32_t tree = 2;
    scmp_filter_ctx filter = seccomp_init(others(rules));

    if (filter == NULL ||
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, tree) != 0 ||
        !fill(filter, rules)) {
        seccomp_release(filter);
        return NULL;
    }
    return filter;
}
