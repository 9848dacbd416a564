/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A taken-over holdfast-net: hostile code runs inside the real program, after
 * it has confined itself.  The same code outside shows that each attempt would
 * succeed there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/x509.h>

#include "agent/channel.h"
#include "tests/integration/attack.h"
#include "tests/integration/attack_targets.h"
#include "tests/integration/older_landlock.h"

static char report[8192];

/* What ATTEMPT came to: an errno, 0 for success, -1: not tried. */
static int
outcome(const char *attempt)
{
    char line[64];
    const char *at;

    (void)snprintf(line, sizeof line, "\n%s ", attempt);
    at = strstr(report, line);
    return at != NULL ? atoi(at + strlen(line)) : -1;
}

/* Everything from FD until its end, after a line end. */
static void
collect(int fd)
{
    size_t length = 1;
    ssize_t n;

    report[0] = '\n';
    while ((n = read(fd, report + length, sizeof report - 1 - length)) > 0)
        length += (size_t)n;
    report[length] = '\0';
    (void)close(fd);
}

/* The descriptor FROM as TO in the child, whatever stands there. */
static void
place(int from, int to)
{
    if (dup2(from, to) != to)
        _exit(126);
}

/* PROGRAM, which is holdfast-net, with the attack in it, its control and net
 * channels, a file of issuers and a pipe for the report; on a kernel whose
 * Landlock says that it is of version ABI ("": what it is). */
static pid_t
start_net(const char *program, const char *abi, int *ret_control,
          int *ret_report)
{
    char preload[512], target[128], victim[64], older[64];
    char *const environment[] = {
        preload,
        target,
        victim,
        older,
        (char[]){"ASAN_OPTIONS=verify_asan_link_order=0"},
        NULL};
    char *const argv[] = {(char[]){"holdfast-net"}, NULL};
    int control[2], net[2], out[2];
    int issuers = open(ISSUERS, O_RDONLY | O_CLOEXEC);
    pid_t pid;

    (void)snprintf(preload, sizeof preload, "LD_PRELOAD=%s", ATTACK_LIBRARY);
    (void)snprintf(target, sizeof target, ATTACK_DIRECTORY "=%s",
                   attack_targets_directory());
    (void)snprintf(victim, sizeof victim, ATTACK_VICTIM "=%d", (int)getpid());
    (void)snprintf(older, sizeof older, LANDLOCK_ABI "=%s", abi);
    assert_true(issuers >= 0);
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, net),
                     0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        int high[] = {fcntl(control[1], F_DUPFD, 20),
                      fcntl(net[1], F_DUPFD, 20), fcntl(issuers, F_DUPFD, 20)};

        place(out[1], STDERR_FILENO);
        place(high[0], CHANNEL_FD_CONTROL);
        place(high[1], CHANNEL_FD_NET);
        place(high[2], CHANNEL_FD_INPUT);
        attack_targets_hide_hosts();
        (void)execve(program, argv, environment);
        _exit(127);
    }
    assert_true(pid > 0);
    (void)close(control[1]);
    (void)close(net[0]);
    (void)close(net[1]);
    (void)close(out[1]);
    (void)close(issuers);
    *ret_control = control[0];
    *ret_report = out[0];
    return pid;
}

static void
put_certificate(struct msg *msg)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    unsigned char *der = NULL;
    int length;

    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    length = i2d_X509(certificate, &der);
    msg_put_bytes(msg, der, (size_t)length);
    OPENSSL_free(der);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void
connect_nowhere(int control)
{
    struct msg *msg = msg_new();

    msg_begin(msg, NET_CONNECT);
    msg_put_number(msg, 0);
    put_certificate(msg);
    msg_put_text(msg, "https://localhost");
    msg_put_text(msg, "tenant");
    msg_put_text(msg, "https://localhost/tenant/oauth2/v2.0/token");
    msg_put_text(msg, "client");
    msg_put_text(msg, "audience");
    msg_put_text(msg, "https://localhost/backup/");
    msg_put_text(msg, "7");
    msg_put_text(msg, ""); /* no proxy, */
    msg_put_text(msg, ""); /* and no exceptions */
    assert_int_equal(channel_call(control, msg, 20000, NULL), KS_OK);
    msg_begin(msg, NET_SELF);
    assert_int_equal(channel_call(control, msg, 20000, NULL), KS_ERR_NET);
    msg_free(&msg);
}

/* Whatever the kernel's Landlock can do: ABI as for start_net(). */
static void
assert_confined(const char *program, const char *abi)
{
    static const char *const attempts[] = {
        "pin",
        "token",
        "device",
        "passwd",
        "memory",
        "write",
        "create",
        "mkdir",
        "rename",
        "unlink",
        "chmod",
        "ptrace",
        "typing",
        "program",
        "unix-socket",
        "unix-datagram",
        "truncate",
        "packets",
        "raw",
        "raw6",
        "netlink",
        "other-protocol",
        "socket-filter",
        "broadcast",
        "transparent",
        "signal",
        "thread-signal",
        "any-thread-signal",
        "owner",
        "owner-of-file",
        "descriptor-of-process",
    };
    static const char *const needed[] = {
        "end",  "resolver",   "resolver-option",
        "pair", "own-signal", "hosts-is-whole",
    };
    int control, out, status;
    pid_t pid = start_net(program, abi, &control, &out);

    connect_nowhere(control);
    (void)close(control);
    collect(out);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_true(outcome("tpm") > 0); /* ENOENT where there is none */
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (outcome(needed[i]) != 0)
            fail_msg("Landlock %s: %s\n%s", abi, needed[i], report);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        int got = outcome(attempts[i]);

        if (got != EACCES && got != EPERM)
            fail_msg("Landlock %s: %s: %d\n%s", abi, attempts[i], got, report);
    }
}

static void
confined_program_reaches_nothing(void **state)
{
    (void)state;
    assert_confined(HOLDFAST_NET, "");
}

/* Each of them is in use: Debian 12's kernel has the second. */
static void
older_landlocks_confine_as_well(void **state)
{
    long newest = syscall(SYS_landlock_create_ruleset, NULL, 0,
                          LANDLOCK_CREATE_RULESET_VERSION);
    char abi[8];

    (void)state;
    assert_true(newest >= 1);
    for (long i = 1; i <= newest && i <= 6; i++) {
        (void)snprintf(abi, sizeof abi, "%ld", i);
        assert_confined(NET_OLDER, abi);
    }
}

/* Without confinement the attempts work, or this test would prove nothing. */
static void
the_attack_is_a_real_one(void **state)
{
    /* the last ones are root's alone */
    static const char *const attempts[] = {
        "resolver",       "pin",           "token",
        "device",         "passwd",        "memory",
        "write",          "create",        "mkdir",
        "unlink",         "chmod",         "program",
        "unix-socket",    "unix-datagram", "netlink",
        "other-protocol", "socket-filter", "broadcast",
        "signal",         "thread-signal", "any-thread-signal",
        "owner",          "owner-of-file", "descriptor-of-process",
        "truncate",       "packets",       "raw",
        "raw6",           "transparent",
    };
    const size_t count = sizeof attempts / sizeof attempts[0] -
                         (geteuid() == 0 ? 0 : 5);
    int out[2], status;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        place(out[1], STDERR_FILENO);
        attack_targets_hide_hosts();
        attack();
        _exit(0);
    }
    (void)close(out[1]);
    collect(out[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    for (size_t i = 0; i < count; i++)
        if (outcome(attempts[i]) != 0)
            fail_msg("%s: %d\n%s", attempts[i], outcome(attempts[i]), report);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confined_program_reaches_nothing),
        cmocka_unit_test(older_landlocks_confine_as_well),
        cmocka_unit_test(the_attack_is_a_real_one),
    };

    return cmocka_run_group_tests(tests, attack_targets_make,
                                  attack_targets_remove);
}
