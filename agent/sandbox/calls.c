/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/agent/sandbox/kernel_calls.h has every call of a kernel, and what
 * each profile makes of it. */
#include "agent/sandbox/calls.h"

#include <seccomp.h>

#define SYS(name) SCMP_SYS(name)

/* clang-format off */
const int sandbox_calls_basic[] = {
    SYS(read), SYS(readv), SYS(write), SYS(writev), SYS(close), SYS(lseek),
    SYS(fstat), SYS(poll), SYS(ppoll), SYS(recvfrom), SYS(recvmsg), SYS(sendto),
    SYS(sendmsg), SYS(shutdown), SYS(dup), SYS(brk), SYS(mmap), SYS(munmap),
    SYS(mremap), SYS(mprotect), SYS(madvise), SYS(mlock), SYS(munlock),
    SYS(exit), SYS(exit_group), SYS(futex), SYS(getpid), SYS(gettid),
    SYS(getuid), SYS(geteuid), SYS(getgid), SYS(getegid), SYS(getrandom),
    SYS(clock_gettime), SYS(clock_getres), SYS(gettimeofday), SYS(time),
    SYS(nanosleep), SYS(clock_nanosleep), SYS(rt_sigaction),
    SYS(rt_sigprocmask), SYS(rt_sigreturn), SYS(sigaltstack),
    SYS(restart_syscall), SYS(sched_yield), SYS(sched_getaffinity), SYS(uname),
    SYS(sysinfo), SYS(getrusage), SYS(getrlimit), SANDBOX_CALLS_END};

/* sealing a memfd is fcntl, filling it is pwrite */
const int sandbox_calls_credential[] = {SYS(pread64), SYS(pwrite64),
                                        SANDBOX_CALLS_END};

const int sandbox_calls_net[] = {
    /* files: Landlock says which, and open's flags how */
    SYS(stat), SYS(lstat), SYS(newfstatat), SYS(statx), SYS(access),
    SYS(faccessat), SYS(faccessat2), SYS(readlink), SYS(readlinkat),
    SYS(pread64),
    /* connections: the filter says of which kind */
    SYS(connect), SYS(getsockname), SYS(getpeername), SYS(getsockopt),
    SYS(sendmmsg), SYS(recvmmsg), SYS(select), SYS(pselect6),
    SYS(epoll_create1), SYS(epoll_ctl), SYS(epoll_wait), SYS(epoll_pwait),
    SYS(pipe), SYS(pipe2), SYS(eventfd2),
    /* libcurl resolves names in a thread */
    SYS(set_robust_list), SYS(rseq), SYS(membarrier), SANDBOX_CALLS_END};

const int sandbox_calls_module[] = {
    /* descriptors and files */
    SYS(open), SYS(openat), SYS(openat2), SYS(creat), SYS(stat), SYS(lstat),
    SYS(newfstatat), SYS(statx), SYS(access), SYS(faccessat), SYS(faccessat2),
    SYS(readlink), SYS(readlinkat), SYS(pread64), SYS(pwrite64), SYS(preadv),
    SYS(pwritev), SYS(preadv2), SYS(pwritev2), SYS(dup2), SYS(dup3),
    SYS(close_range), SYS(fcntl), SYS(ioctl), SYS(flock), SYS(fsync),
    SYS(fdatasync), SYS(sync), SYS(syncfs), SYS(sync_file_range),
    SYS(truncate), SYS(ftruncate), SYS(fallocate), SYS(fadvise64),
    SYS(readahead), SYS(getdents), SYS(getdents64), SYS(getcwd), SYS(chdir),
    SYS(fchdir), SYS(rename), SYS(renameat), SYS(renameat2), SYS(mkdir),
    SYS(mkdirat), SYS(rmdir), SYS(link), SYS(linkat), SYS(unlink),
    SYS(unlinkat), SYS(symlink), SYS(symlinkat), SYS(mknod), SYS(mknodat),
    SYS(chmod), SYS(fchmod), SYS(fchmodat), SYS(chown), SYS(fchown),
    SYS(lchown), SYS(fchownat), SYS(umask), SYS(utime), SYS(utimes),
    SYS(futimesat), SYS(utimensat), SYS(statfs), SYS(fstatfs), SYS(setxattr),
    SYS(lsetxattr), SYS(fsetxattr), SYS(getxattr), SYS(lgetxattr),
    SYS(fgetxattr), SYS(listxattr), SYS(llistxattr), SYS(flistxattr),
    SYS(removexattr), SYS(lremovexattr), SYS(fremovexattr), SYS(sendfile),
    SYS(splice), SYS(tee), SYS(vmsplice), SYS(copy_file_range),
    SYS(inotify_init), SYS(inotify_init1), SYS(inotify_add_watch),
    SYS(inotify_rm_watch),
    /* services of this machine: sockets of AF_UNIX, System V and POSIX IPC */
    SYS(socketpair), SYS(connect), SYS(getsockname), SYS(getpeername),
    SYS(getsockopt), SYS(setsockopt), SYS(sendmmsg), SYS(recvmmsg), SYS(pipe), SYS(pipe2), SYS(shmget), SYS(shmat), SYS(shmctl),
    SYS(shmdt), SYS(semget), SYS(semop), SYS(semctl), SYS(semtimedop),
    SYS(msgget), SYS(msgsnd), SYS(msgrcv), SYS(msgctl), SYS(mq_open),
    SYS(mq_unlink), SYS(mq_timedsend), SYS(mq_timedreceive), SYS(mq_notify),
    SYS(mq_getsetattr),
    /* waiting */
    SYS(select), SYS(pselect6), SYS(epoll_create), SYS(epoll_create1),
    SYS(epoll_ctl), SYS(epoll_wait), SYS(epoll_pwait), SYS(epoll_pwait2),
    SYS(eventfd), SYS(eventfd2), SYS(signalfd), SYS(signalfd4),
    SYS(timerfd_create), SYS(timerfd_settime), SYS(timerfd_gettime),
    SYS(timer_create), SYS(timer_settime), SYS(timer_gettime),
    SYS(timer_getoverrun), SYS(timer_delete), SYS(getitimer), SYS(setitimer),
    SYS(alarm), SYS(pause), SYS(times), SYS(wait4), SYS(waitid),
    SYS(rt_sigpending), SYS(rt_sigtimedwait), SYS(rt_sigsuspend),
    /* memory and threads: the filter says that clone makes nothing else */
    SYS(clone), SYS(set_robust_list), SYS(get_robust_list),
    SYS(set_tid_address), SYS(rseq), SYS(membarrier), SYS(futex_waitv),
    SYS(arch_prctl), SYS(prctl), SYS(prlimit64), SYS(setrlimit), SYS(msync),
    SYS(mincore), SYS(mlock2), SYS(mlockall), SYS(munlockall),
    SYS(memfd_create), SYS(pkey_alloc), SYS(pkey_free), SYS(pkey_mprotect),
    SYS(getcpu), SYS(sched_getparam), SYS(sched_getscheduler),
    SYS(sched_getattr), SYS(sched_get_priority_max),
    SYS(sched_get_priority_min), SYS(sched_rr_get_interval), SYS(getpriority),
    SYS(ioprio_get),
    /* who it is; of signals, those to itself */
    SYS(getppid), SYS(getpgrp), SYS(getpgid), SYS(getsid), SYS(getgroups),
    SYS(getresuid), SYS(getresgid), SYS(capget), SYS(kill), SYS(tgkill),
    SYS(rt_sigqueueinfo), SYS(rt_tgsigqueueinfo), SANDBOX_CALLS_END};

const int sandbox_calls_never[] = {
    /* programs and processes, which could outlive their starter */
    SYS(execve), SYS(execveat), SYS(fork), SYS(vfork), SYS(setsid),
    SYS(setpgid),
    /* other processes: their memory, descriptors, signals, scheduling */
    SYS(ptrace), SYS(process_vm_readv), SYS(process_vm_writev),
    SYS(process_madvise), SYS(process_mrelease), SYS(kcmp), SYS(pidfd_open),
    SYS(pidfd_getfd), SYS(pidfd_send_signal), SYS(tkill), SYS(setpriority),
    SYS(ioprio_set), SYS(sched_setparam), SYS(sched_setscheduler),
    SYS(sched_setattr), SYS(sched_setaffinity), SYS(migrate_pages),
    SYS(move_pages), SYS(mbind), SYS(set_mempolicy), SYS(get_mempolicy),
    SYS(set_mempolicy_home_node),
    /* mounts and namespaces */
    SYS(mount), SYS(umount2), SYS(pivot_root), SYS(chroot), SYS(setns),
    SYS(unshare), SYS(fsopen), SYS(fsconfig), SYS(fsmount), SYS(fspick),
    SYS(move_mount), SYS(open_tree), SYS(mount_setattr), SYS(quotactl),
    SYS(quotactl_fd), SYS(name_to_handle_at), SYS(open_by_handle_at),
    SYS(fanotify_init), SYS(fanotify_mark),
    /* listening */
    SYS(bind), SYS(listen), SYS(accept), SYS(accept4),
    /* other identities */
    SYS(setuid), SYS(setgid), SYS(setreuid), SYS(setregid), SYS(setresuid),
    SYS(setresgid), SYS(setfsuid), SYS(setfsgid), SYS(setgroups), SYS(capset),
    SYS(personality),
    /* the kernel's wide and seldom used interfaces */
    SYS(bpf), SYS(perf_event_open), SYS(keyctl), SYS(add_key),
    SYS(request_key), SYS(userfaultfd), SYS(io_uring_setup),
    SYS(io_uring_enter), SYS(io_uring_register), SYS(io_setup), SYS(io_destroy),
    SYS(io_getevents), SYS(io_pgetevents), SYS(io_submit), SYS(io_cancel),
    SYS(modify_ldt), SYS(remap_file_pages), SYS(seccomp),
    SYS(landlock_create_ruleset), SYS(landlock_add_rule),
    SYS(landlock_restrict_self), SYS(memfd_secret),
    /* the whole machine */
    SYS(init_module), SYS(finit_module), SYS(delete_module), SYS(kexec_load),
    SYS(kexec_file_load), SYS(reboot), SYS(swapon), SYS(swapoff), SYS(acct),
    SYS(syslog), SYS(vhangup), SYS(iopl), SYS(ioperm), SYS(sethostname),
    SYS(setdomainname), SYS(settimeofday), SYS(clock_settime),
    SYS(clock_adjtime), SYS(adjtimex), SYS(lookup_dcookie), SANDBOX_CALLS_END};
/* clang-format on */
