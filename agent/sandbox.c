/* SPDX-License-Identifier: Apache-2.0 */
/* The profiles as tables of system calls (seccomp) and of files (Landlock).
 * A helper of default-deny gets EPERM, so that what it lacks fails as an error
 * of the call that wanted it. */
#include "agent/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#define SYS(name) SCMP_SYS(name)
#define END (-1)

/* Memory, time, signals, threads' own business and open descriptors. */
static const int basics[] = {SYS(read),
                             SYS(readv),
                             SYS(write),
                             SYS(writev),
                             SYS(close),
                             SYS(lseek),
                             SYS(fstat),
                             SYS(poll),
                             SYS(ppoll),
                             SYS(recvfrom),
                             SYS(recvmsg),
                             SYS(sendto),
                             SYS(sendmsg),
                             SYS(shutdown),
                             SYS(fcntl),
                             SYS(dup),
                             SYS(brk),
                             SYS(mmap),
                             SYS(munmap),
                             SYS(mremap),
                             SYS(mprotect),
                             SYS(madvise),
                             SYS(mlock),
                             SYS(munlock),
                             SYS(exit),
                             SYS(exit_group),
                             SYS(futex),
                             SYS(getpid),
                             SYS(gettid),
                             SYS(getuid),
                             SYS(geteuid),
                             SYS(getgid),
                             SYS(getegid),
                             SYS(getrandom),
                             SYS(clock_gettime),
                             SYS(clock_getres),
                             SYS(gettimeofday),
                             SYS(time),
                             SYS(nanosleep),
                             SYS(clock_nanosleep),
                             SYS(rt_sigaction),
                             SYS(rt_sigprocmask),
                             SYS(rt_sigreturn),
                             SYS(sigaltstack),
                             SYS(tgkill),
                             SYS(restart_syscall),
                             SYS(sched_yield),
                             SYS(sched_getaffinity),
                             SYS(uname),
                             SYS(sysinfo),
                             SYS(getrusage),
                             SYS(getrlimit),
                             END};

/* sealing a memfd is fcntl, filling it is pwrite */
static const int credential_calls[] = {SYS(pread64), SYS(pwrite64), END};

static const int net_calls[] = {
    /* files: Landlock says which */
    SYS(open), SYS(openat), SYS(stat), SYS(lstat), SYS(newfstatat), SYS(statx),
    SYS(access), SYS(faccessat), SYS(faccessat2), SYS(readlink),
    SYS(readlinkat), SYS(pread64),
    /* connections: socket() is limited below */
    SYS(connect), SYS(getsockname), SYS(getpeername), SYS(getsockopt),
    SYS(setsockopt), SYS(sendmmsg), SYS(recvmmsg), SYS(select), SYS(pselect6),
    SYS(epoll_create1), SYS(epoll_ctl), SYS(epoll_wait), SYS(epoll_pwait),
    SYS(pipe), SYS(pipe2), SYS(eventfd2),
    /* libcurl resolves names in a thread */
    SYS(set_robust_list), SYS(rseq), SYS(membarrier), END};

/* What code from a vendor's module has no business with. */
static const int never[] = {SYS(execve),
                            SYS(execveat),
                            SYS(ptrace),
                            SYS(process_vm_readv),
                            SYS(process_vm_writev),
                            SYS(mount),
                            SYS(umount2),
                            SYS(pivot_root),
                            SYS(chroot),
                            SYS(setns),
                            SYS(unshare),
                            SYS(bpf),
                            SYS(perf_event_open),
                            SYS(keyctl),
                            SYS(add_key),
                            SYS(request_key),
                            SYS(init_module),
                            SYS(finit_module),
                            SYS(delete_module),
                            SYS(kexec_load),
                            SYS(kexec_file_load),
                            SYS(userfaultfd),
                            SYS(io_uring_setup),
                            SYS(bind),
                            SYS(listen),
                            SYS(accept),
                            SYS(accept4),
                            END};

/* Files that resolving a name reads (resolv.conf(5), nsswitch.conf(5)). */
static const char *const resolver_files[] = {
    "/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf", "/etc/host.conf",
    "/etc/gai.conf",    "/etc/services", "/etc/localtime",     NULL};

static const char *const no_files[] = {NULL};

static const struct {
    const int *allowed;       /* beyond the basics; NULL: all but `never` */
    const char *const *files; /* readable ones; NULL: Landlock is not used */
    bool internet;            /* AF_INET and AF_INET6 */
} profiles[] = {
    [SANDBOX_CREDENTIAL] = {.allowed = credential_calls, .files = no_files},
    [SANDBOX_TOKEN] = {.allowed = NULL},
    [SANDBOX_INSPECT] = {.allowed = NULL},
    [SANDBOX_NET] = {.allowed = net_calls,
                     .files = resolver_files,
                     .internet = true},
};

_Static_assert(sizeof profiles / sizeof profiles[0] == SANDBOX__MAX,
               "every profile has its row");

enum ks_err
sandbox_begin(struct err_cause *cause)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_set_errno(cause, KS_ERR_SANDBOX, "basic restrictions");
    return KS_OK;
}

/* Every right to the file system that this kernel's Landlock knows. */
static uint64_t
file_rights(long abi)
{
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

    if (abi >= 2)
        rights |= 1u << 13; /* refer */
    if (abi >= 3)
        rights |= 1u << 14; /* truncate */
    if (abi >= 5)
        rights |= 1u << 15; /* ioctl on devices */
    return rights;
}

static bool
allow_reading(int ruleset, const char *path)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
        .parent_fd = open(path, O_PATH | O_CLOEXEC)};
    long rc;

    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == EACCES;
    rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
                 &rule, 0);
    (void)close(rule.parent_fd);
    return rc == 0;
}

static enum ks_err
restrict_files(const char *const *files, struct err_cause *cause)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
                       LANDLOCK_CREATE_RULESET_VERSION);
    struct landlock_ruleset_attr attributes = {
        .handled_access_fs = file_rights(abi)};
    bool done = false;
    int ruleset = -1;

    if (abi >= 1)
        ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes,
                               sizeof attributes.handled_access_fs, 0);
    if (ruleset >= 0) {
        done = true;
        for (; *files != NULL; files++)
            done = done && allow_reading(ruleset, *files);
        done = done && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
        (void)close(ruleset);
    }
    return done ? KS_OK
                : err_set_errno(cause, KS_ERR_SANDBOX,
                                "Landlock (Linux 5.13 or later)");
}

static bool
add_rules(scmp_filter_ctx filter, uint32_t action, const int *calls)
{
    for (; *calls != END; calls++) {
        int rc = seccomp_rule_add(filter, action, *calls, 0);

        /* A call this architecture does not have, or one whose action is the
         * default's already, needs no rule. */
        if (rc != 0 && rc != -EDOM && rc != -EACCES)
            return false;
    }
    return true;
}

/* Threads yes, processes no; clone3's arguments cannot be looked at, and
 * ENOSYS makes the C library use clone. */
static bool
allow_threads(scmp_filter_ctx filter)
{
    return seccomp_rule_add(
               filter, SCMP_ACT_ALLOW, SYS(clone), 1,
               SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SYS(clone3), 0) ==
               0;
}

/* A connected pair of streams (libcurl wakes itself with one) reaches nobody; a
 * pair of datagram sockets could be connected elsewhere. */
static bool
allow_internet(scmp_filter_ctx filter)
{
    const uint64_t kind = ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);

    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_EQ, AF_INET, 0)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SYS(socketpair), 2,
                            SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0),
                            SCMP_A1(SCMP_CMP_MASKED_EQ, kind, SOCK_STREAM)) ==
               0;
}

/* Only these two of ioctl's many, for sockets. */
static bool
allow_socket_requests(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SYS(ioctl), 1,
                            SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, FIONBIO)) ==
               0 &&
           seccomp_rule_add(
               filter, SCMP_ACT_ALLOW, SYS(ioctl), 1,
               SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, FIONREAD)) == 0;
}

/* Standard error may be the operator's terminal: nothing types there.  The
 * kernel looks at the lower 32 bits of a request. */
static bool
deny_typing(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SYS(ioctl), 1,
                            SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, TIOCSTI)) ==
               0 &&
           seccomp_rule_add(
               filter, SCMP_ACT_ERRNO(EPERM), SYS(ioctl), 1,
               SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, TIOCLINUX)) == 0;
}

/* Every family but AF_UNIX. */
static bool
deny_network(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0)) == 0;
}

static bool
fill_filter(scmp_filter_ctx filter, enum sandbox_profile profile)
{
    if (profiles[profile].allowed == NULL)
        return add_rules(filter, SCMP_ACT_ERRNO(EPERM), never) &&
               deny_network(filter) && deny_typing(filter);
    return add_rules(filter, SCMP_ACT_ALLOW, basics) &&
           add_rules(filter, SCMP_ACT_ALLOW, profiles[profile].allowed) &&
           (!profiles[profile].internet ||
            (allow_threads(filter) && allow_internet(filter) &&
             allow_socket_requests(filter)));
}

enum ks_err
sandbox_enter(enum sandbox_profile profile, struct err_cause *cause)
{
    uint32_t others = profiles[profile].allowed == NULL ? SCMP_ACT_ALLOW
                                                        : SCMP_ACT_ERRNO(EPERM);
    scmp_filter_ctx filter;
    enum ks_err rc = KS_OK;

    if (profiles[profile].files != NULL)
        rc = restrict_files(profiles[profile].files, cause);
    if (rc != KS_OK)
        return rc;
    filter = seccomp_init(others);
    if (filter == NULL || !fill_filter(filter, profile) ||
        seccomp_load(filter) != 0)
        rc = err_set_errno(cause, KS_ERR_SANDBOX, "seccomp");
    seccomp_release(filter);
    return rc;
}
