/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that is SoftHSM, and first tries what a hostile one would:
 * "attack.log" beside SoftHSM's configuration says what came of it, in each
 * process that loads it.
 */
#include "tests/altered/attacking_module.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

static bool
opens_socket(int family, int type)
{
    int fd = socket(family, type | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool
starts_program(void)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        (void)execv("/bin/true", argv);
        _exit(errno);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return false;
    errno = WEXITSTATUS(status);
    return errno == 0;
}

static bool
may_dump_core(void)
{
    struct rlimit limit = {0, 0};

    errno = EPERM;
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ||
           getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0;
}

/* A variable that no helper is promised. */
static bool
sees_environment(void)
{
    static const char *const passed[] = {
        "LANG=", "LC_ALL=", "TZ=", "SOFTHSM2_CONF="};

    errno = ENOENT;
    for (char **entry = environ; *entry != NULL; entry++) {
        bool known = false;

        for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++)
            known = known || strncmp(*entry, passed[i], strlen(passed[i])) == 0;
        if (!known)
            return true;
    }
    return false;
}

static bool
opens(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool
reads_memory(pid_t victim)
{
    char path[32];

    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
    return opens(path);
}

static bool
has_a_child(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    return pid > 0;
}

static bool
queues_signal(pid_t victim)
{
    return sigqueue(victim, SIGWINCH, (union sigval){.sival_int = 0}) == 0;
}

/* A descriptor that has the kernel send signals to VICTIM. */
static bool
owns_for(pid_t victim, unsigned long request)
{
    const struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = victim};
    int number = (int)victim;
    int pair[2] = {-1, -1};
    bool done = false;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    if (request == F_SETOWN)
        done = fcntl(pair[0], F_SETOWN, victim) == 0;
    else if (request == F_SETOWN_EX)
        done = fcntl(pair[0], F_SETOWN_EX, &owner) == 0;
    else
        done = ioctl(pair[0], request, &number) == 0;
    (void)close(pair[0]);
    (void)close(pair[1]);
    return done;
}

/* A terminal that has the kernel send signals, with REQUEST, to whatever stands
 * in front there: at the next input, or at the keys that it chooses. */
static bool
makes_input_signal(unsigned long request)
{
    struct winsize size = {24, 80, 0, 0};
    struct termios keys;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int on = 1, error;
    bool done;

    if (terminal < 0 || tcgetattr(terminal, &keys) != 0)
        return false;
    if (request == F_SETFL)
        done = fcntl(terminal, F_SETFL, O_ASYNC) == 0;
    else if (request == FIOASYNC)
        done = ioctl(terminal, FIOASYNC, &on) == 0;
    else if (request == TIOCSWINSZ)
        done = ioctl(terminal, TIOCSWINSZ, &size) == 0;
    else
        done = tcsetattr(terminal, (int)request, &keys) == 0;
    error = errno;
    (void)close(terminal);
    errno = error;
    return done;
}

static bool
limits(pid_t victim)
{
    struct rlimit limit;

    return prlimit(victim, RLIMIT_CPU, NULL, &limit) == 0 &&
           prlimit(victim, RLIMIT_CPU, &limit, NULL) == 0;
}

static bool
refers_to(pid_t victim)
{
    int fd = pidfd_open(victim, 0);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool
connects_to(pid_t victim)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1,
                          ATTACKING_ABSTRACT, (int)victim);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool done = fd >= 0 &&
                connect(fd, (const struct sockaddr *)&address,
                        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                                    (size_t)length)) == 0;
    int error = errno;

    if (fd >= 0)
        (void)close(fd);
    errno = error;
    return done;
}

/* Does not change anything where it succeeds. */
static bool
outlives_its_starter(void)
{
    int number = 0;

    return prctl(PR_GET_PDEATHSIG, &number, 0, 0, 0) == 0 &&
           prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) == 0;
}

static bool
opens_file_system(void)
{
    int fd = (int)syscall(SYS_fsopen, "tmpfs", 1);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

/* A line that somebody has typed ahead. */
static bool
reads_terminal(void)
{
    struct pollfd item = {.fd = STDERR_FILENO, .events = POLLIN};
    char byte;

    if (isatty(STDERR_FILENO) != 1)
        return false;
    errno = ENODATA;
    return poll(&item, 1, 0) == 1 && read(STDERR_FILENO, &byte, 1) == 1;
}

void
attacking_module(FILE *file, pid_t victim, const char *foreign)
{
    char process[17] = "";

#define TRY(name, attempt)                                                     \
    fprintf(file, "%s " name " %d\n", process, (attempt) ? 0 : errno)
    (void)prctl(PR_GET_NAME, process, 0, 0, 0);
    TRY("internet", opens_socket(AF_INET, SOCK_STREAM));
    TRY("datagrams", opens_socket(AF_INET, SOCK_DGRAM));
    TRY("netlink", opens_socket(AF_NETLINK, SOCK_RAW));
    TRY("program", starts_program());
    TRY("child", has_a_child());
    TRY("ptrace", ptrace(PTRACE_SEIZE, getppid(), 0, 0) == 0);
    TRY("memory", reads_memory(victim));
    TRY("signal", kill(victim, SIGWINCH) == 0);
    TRY("thread-signal", tgkill(victim, victim, SIGWINCH) == 0);
    TRY("any-thread-signal", syscall(SYS_tkill, victim, SIGWINCH) == 0);
    TRY("queued-signal", queues_signal(victim));
    TRY("owner", owns_for(victim, F_SETOWN));
    TRY("owner-by-kind", owns_for(victim, F_SETOWN_EX));
    TRY("owner-of-file", owns_for(victim, FIOSETOWN));
    TRY("owner-of-socket", owns_for(victim, SIOCSPGRP));
    TRY("input-signals", makes_input_signal(F_SETFL));
    TRY("input-signals-of-file", makes_input_signal(FIOASYNC));
    TRY("window", makes_input_signal(TIOCSWINSZ));
    TRY("keys", makes_input_signal(TCSANOW));
    TRY("keys-later", makes_input_signal(TCSADRAIN));
    TRY("keys-flushed", makes_input_signal(TCSAFLUSH));
    TRY("limit", limits(victim));
    TRY("descriptor-of-process", refers_to(victim));
    TRY("starters-end", outlives_its_starter());
    TRY("namespace", unshare(CLONE_FILES) == 0);
    TRY("mount", opens_file_system());
    TRY("foreign", opens(foreign));
    TRY("abstract-socket", connects_to(victim));
    TRY("core", may_dump_core());
    TRY("environment", sees_environment());
    TRY("terminal", reads_terminal());
#undef TRY
}

/* Of the file NAME in the directory LENGTH bytes of CONFIGURATION long. */
static void
name_file(const char *configuration, int length, const char *name,
          char ret[static 256])
{
    (void)snprintf(ret, 256, "%.*s/%s", length, configuration, name);
}

static pid_t
read_victim(const char *path)
{
    FILE *file = fopen(path, "re");
    char text[16] = "";
    bool read = file != NULL && fgets(text, sizeof text, file) != NULL;

    if (file != NULL)
        (void)fclose(file);
    return read ? (pid_t)strtol(text, NULL, 10) : 0;
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;
    CK_C_GetFunctionList get = NULL;
    char path[256];
    pid_t victim;
    FILE *file;
    void *module;
    int length;

    if (slash == NULL)
        return CKR_GENERAL_ERROR;
    length = (int)(slash - configuration);
    name_file(configuration, length, ATTACKING_VICTIM, path);
    victim = read_victim(path);
    name_file(configuration, length, ATTACKING_LOG, path);
    file = fopen(path, "ae");
    if (victim == 0 || file == NULL)
        return CKR_GENERAL_ERROR;
    name_file(configuration, length, ATTACKING_FOREIGN, path);
    attacking_module(file, victim, path);
    (void)fclose(file);
    module = dlopen(SOFTHSM_MODULE, RTLD_NOW | RTLD_LOCAL);
    if (module != NULL)
        *(void **)&get = dlsym(module, "C_GetFunctionList");
    return get != NULL ? get(list) : CKR_GENERAL_ERROR;
}
