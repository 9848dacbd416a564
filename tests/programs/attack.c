/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a taken-over helper would try.  Each line on standard error says what
 * one attempt came to: NAME and an errno, 0 where it succeeded.
 */
#include "tests/programs/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void
report(const char *name, bool succeeded)
{
    char line[64];
    int length = snprintf(line, sizeof line, "%s %d\n", name,
                          succeeded ? 0 : errno);

    if (write(STDERR_FILENO, line, (size_t)length) != length)
        _exit(1);
}

static void
try_open(const char *name, const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    report(name, fd >= 0);
    if (fd >= 0)
        (void)close(fd);
}

static void
try_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)memccpy(address.sun_path, path, '\0', sizeof address.sun_path - 1);
    report("unix-socket",
           fd >= 0 && connect(fd, (const struct sockaddr *)&address,
                              sizeof address) == 0);
    if (fd >= 0)
        (void)close(fd);
}

/* A connected pair is libcurl's own means; it must lead nowhere else. */
static void
try_pair(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int pair[2] = {-1, -1};
    bool done = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0;

    (void)memccpy(address.sun_path, path, '\0', sizeof address.sun_path - 1);
    report("unix-datagram",
           done && connect(pair[0], (const struct sockaddr *)&address,
                           sizeof address) == 0);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void
try_program(void)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        (void)execv("/bin/true", argv);
        _exit(1);
    }
    report("program",
           pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

/* What is no connection over TCP and no question to a resolver. */
static void
try_kind(const char *name, int family, int type, int protocol)
{
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);

    report(name, fd >= 0);
    if (fd >= 0)
        (void)close(fd);
}

static void
try_option(const char *name, int level, int option, const void *value,
           socklen_t length)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    report(name, fd >= 0 && setsockopt(fd, level, option, value, length) == 0);
    if (fd >= 0)
        (void)close(fd);
}

/* A socket filter of one instruction, which lets all pass. */
static void
try_filter(void)
{
    struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    const struct sock_fprog program = {1, &all};

    try_option("socket-filter", SOL_SOCKET, SO_ATTACH_FILTER, &program,
               sizeof program);
}

static void
try_sockets(void)
{
    const int on = 1;

    try_kind("packets", AF_PACKET, SOCK_RAW, 0);
    try_kind("raw", AF_INET, SOCK_RAW, IPPROTO_ICMP);
    try_kind("raw6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    try_kind("netlink", AF_NETLINK, SOCK_RAW, 0);
    try_kind("other-protocol", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
    try_kind("connection", AF_INET, SOCK_STREAM, IPPROTO_TCP);
    try_kind("question", AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    try_filter();
    try_option("broadcast", SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    try_option("transparent", IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on);
    try_option("resolver-option", IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

/* What the relay and the resolver do. */
static void
try_needed(void)
{
    struct ifreq interface = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int ends[2] = {-1, -1};

    report("interface-number",
           fd >= 0 && ioctl(fd, SIOCGIFINDEX, &interface) == 0);
    report("pipe-size", pipe2(ends, O_CLOEXEC) == 0 &&
                            fcntl(ends[0], F_SETPIPE_SZ, 8192) >= 0);
    (void)close(fd);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void
try_signals(pid_t victim)
{
    int pair[2] = {-1, -1};
    int number = (int)victim, on = 1;
    bool made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0;

    report("pair", made);
    report("signal", kill(victim, SIGWINCH) == 0);
    report("thread-signal", tgkill(victim, victim, SIGWINCH) == 0);
    report("any-thread-signal", syscall(SYS_tkill, victim, SIGWINCH) == 0);
    report("owner", fcntl(pair[0], F_SETOWN, victim) == 0);
    report("owner-of-file", ioctl(pair[0], FIOSETOWN, &number) == 0);
    /* A terminal's owner is then whoever stands in front there. */
    report("input-signals", fcntl(pair[0], F_SETFL, O_ASYNC) == 0);
    report("input-signals-of-file", ioctl(pair[0], FIOASYNC, &on) == 0);
    report("descriptor-of-process", pidfd_open(victim, 0) >= 0);
    (void)close(pair[0]);
    (void)close(pair[1]);
    report("own-signal", raise(SIGWINCH) == 0);
}

/* A file that may be read: opening it may not change it. */
static void
try_truncating(void)
{
    struct stat status;

    try_open("truncate", "/etc/hosts", O_RDONLY | O_TRUNC);
    if (stat("/etc/hosts", &status) == 0)
        report("hosts-is-whole", status.st_size > 0);
}

void
attack(void)
{
    char path[256];
    const char *directory = getenv(ATTACK_DIRECTORY);
    const char *victim = getenv(ATTACK_VICTIM);

#define IN_DIRECTORY(name)                                                     \
    ((void)snprintf(path, sizeof path, "%s/" name, directory), path)
    try_open("resolver", "/etc/hosts", O_RDONLY);
    try_open("pin", IN_DIRECTORY(ATTACK_PIN), O_RDONLY);
    try_open("token", IN_DIRECTORY(ATTACK_TOKENS), O_RDONLY | O_DIRECTORY);
    try_open("device", "/dev/zero", O_RDONLY);
    try_open("tpm", "/dev/tpmrm0", O_RDWR);
    try_open("passwd", "/etc/passwd", O_RDONLY);
    try_open("memory", "/proc/self/mem", O_RDWR);
    try_open("write", IN_DIRECTORY(ATTACK_PIN), O_WRONLY);
    try_open("create", IN_DIRECTORY("new-file"), O_WRONLY | O_CREAT);
    report("mkdir", mkdir(IN_DIRECTORY("new-directory"), 0700) == 0);
    report("rename", rename(IN_DIRECTORY("victim"), directory) == 0);
    report("unlink", unlink(IN_DIRECTORY("victim")) == 0);
    report("chmod", chmod(directory, 0777) == 0);
    try_socket(IN_DIRECTORY(ATTACK_SOCKET));
    try_pair(IN_DIRECTORY(ATTACK_SOCKET ".datagram"));
    try_truncating();
    try_sockets();
    try_needed();
    try_signals(victim != NULL ? (pid_t)strtol(victim, NULL, 10) : 0);
    report("typing", ioctl(STDERR_FILENO, TIOCSTI, "x") == 0);
    report("ptrace", ptrace(PTRACE_SEIZE, getppid(), 0, 0) == 0);
    try_program();
    report("end", true);
}
