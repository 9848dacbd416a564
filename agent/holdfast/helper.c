/* SPDX-License-Identifier: Apache-2.0 */
/* The table `helpers` drives the starting and reaping of each.  What crosses
 * exec is only what its row names. */
#include "agent/holdfast/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/holdfast/child.h"
#include "agent/holdfast/helper_descriptors.h"
#include "keystore/base/kernel_call.h"

#define PATH_LENGTH 1024

/* The descriptors of a list of messages. */
#define X(name, descriptors) | (descriptors)
enum {
    CREDENTIAL_FDS = CHANNEL_BIT(CONTROL) CHANNEL_CREDENTIAL(X),
    TOKEN_FDS = CHANNEL_BIT(CONTROL) CHANNEL_TOKEN(X) CHANNEL_SIGN(X),
    NET_FDS = CHANNEL_BIT(CONTROL) CHANNEL_NET(X),
    INSPECT_FDS = CHANNEL_BIT(CONTROL) CHANNEL_INSPECT(X),
};
#undef X

static const struct {
    const char *name;
    unsigned fds;       /* that it may be given */
    int answer_seconds; /* longest wait for one answer, */
    int grace_seconds;  /* and for its end */
    rlim_t file_size;   /* RLIMIT_FSIZE: 0 cannot write to any file */
} helpers[] = {
    [HELPER_CREDENTIAL] = {"holdfast-credential", CREDENTIAL_FDS, 60, 5, 65536},
    /* RSA keys born in a smart card can take minutes. */
    [HELPER_TOKEN] = {"holdfast-token", TOKEN_FDS, 300, 5, RLIM_INFINITY},
    /* This helper has nothing to put in order, and may be waiting for a
     * server. */
    [HELPER_NET] = {"holdfast-net", NET_FDS, 300, 2, 0},
    [HELPER_INSPECT] = {"holdfast-inspect", INSPECT_FDS, 20, 5, RLIM_INFINITY},
};

_Static_assert(sizeof helpers / sizeof helpers[0] == HELPER__MAX,
               "every helper has its row");

static const char *const variables[] = {"LANG", "LC_ALL", "TZ", NULL};

struct helper {
    enum helper_kind kind;
    pid_t pid;
    int channel;
};

/* .../bin/holdfast -> .../libexec/holdfast/NAME */
static enum ks_err
find_program(enum helper_kind kind, char path[static PATH_LENGTH],
             struct err_cause *cause)
{
    char self[PATH_LENGTH];
    char *slash;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

    if (length < 0)
        return err_set_errno(cause, KS_ERR_HELPER, "/proc/self/exe");
    self[length] = '\0';
    for (int i = 0; i < 2; i++) {
        slash = strrchr(self, '/');
        if (slash == NULL)
            return err_set(cause, KS_ERR_HELPER, "no parent of %s", self);
        *slash = '\0';
    }
    if (snprintf(path, PATH_LENGTH, "%s/libexec/holdfast/%s", self,
                 helpers[kind].name) >= PATH_LENGTH)
        return err_set(cause, KS_ERR_HELPER, "path too long");
    return KS_OK;
}

/* A terminal is open for reading, too, and by its name a helper without files
 * could not open it: what was typed ahead there is not a helper's.  After su(1)
 * it may be somebody else's, whom no library's message is shown. */
static bool
close_terminal_to_reading(void)
{
    int fd;

    if (isatty(STDERR_FILENO) != 1)
        return true;
    fd = open("/proc/self/fd/2", O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return fd >= 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO;
}

/* The signal by which a helper learns that its starter has ended.
 * holdfast-token at a terminal gets SIGTERM, which leaves it the time to put
 * the terminal right: it has loaded nobody else's code then. */
static int
end_signal(enum helper_kind kind)
{
    return kind == HELPER_TOKEN && isatty(CHANNEL_FD_INPUT) == 1 ? SIGTERM
                                                                 : SIGKILL;
}

static bool
set_limits(enum helper_kind kind)
{
    struct rlimit none = {0, 0};
    struct rlimit file = {helpers[kind].file_size, helpers[kind].file_size};

    return setrlimit(RLIMIT_CORE, &none) == 0 &&
           (file.rlim_max == RLIM_INFINITY ||
            setrlimit(RLIMIT_FSIZE, &file) == 0) &&
           prctl(PR_SET_PDEATHSIG, end_signal(kind)) == 0;
}

_Noreturn static void
run(enum helper_kind kind, const char *path, const char *network,
    const struct helper_descriptors *moved, bool emulation)
{
    struct child_environment environment = {.count = 0};
    const char *argv[] = {helpers[kind].name,
                          network != NULL && *network != '\0' ? network : NULL,
                          NULL};
    sigset_t none;

    child_environment_add(&environment, variables, emulation);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (close_terminal_to_reading() && helper_descriptors_place(moved) &&
        set_limits(kind))
        (void)execve(path, (char *const *)(const void *)argv,
                     (char *const *)(const void *)environment.entry);
    _exit(127);
}

/* A filter around holdfast that refuses these calls would end a child without
 * a word, or look to a helper like a kernel too old for its sandbox. */
static enum ks_err
check_filters(struct err_cause *cause)
{
    static const enum kernel_call calls[] = {
        KERNEL_CALL_CLOSE_RANGE, KERNEL_CALL_LANDLOCK, KERNEL_CALL_SECCOMP};
    enum ks_err rc = KS_OK;

    for (size_t i = 0; rc == KS_OK && i < sizeof calls / sizeof calls[0]; i++)
        rc = kernel_call_check(calls[i], cause);
    return rc;
}

enum ks_err
helper_start(enum helper_kind kind, const struct helper_fds *fds,
             bool emulation, struct helper **ret, struct err_cause *cause)
{
    char path[PATH_LENGTH];
    int pair[2] = {-1, -1};
    struct helper_descriptors moved = HELPER_NO_DESCRIPTORS;
    struct helper *helper = calloc(1, sizeof *helper);
    enum ks_err rc = find_program(kind, path, cause);

    if (rc == KS_OK)
        rc = check_filters(cause);
    if (rc == KS_OK &&
        (helper == NULL ||
         socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0))
        rc = err_set_errno(cause, KS_ERR_RESOURCES, "socketpair");
    if (rc == KS_OK)
        rc = helper_descriptors_copy(helpers[kind].fds, fds->fd, pair[1],
                                     &moved, cause);
    if (rc != KS_OK)
        goto out;
    *helper = (struct helper){.kind = kind, .channel = pair[0]};
    helper->pid = fork();
    if (helper->pid < 0) {
        rc = err_set_errno(cause, KS_ERR_RESOURCES, "fork");
        goto out;
    }
    if (helper->pid == 0)
        run(kind, path, fds->network, &moved, emulation);
    pair[0] = -1;
    *ret = helper;
    helper = NULL;
out:
    helper_descriptors_close(&moved);
    if (pair[0] >= 0)
        (void)close(pair[0]);
    if (pair[1] >= 0)
        (void)close(pair[1]);
    free(helper);
    return rc;
}

/* These two run code of others: a PKCS#11 module, or the TSS. */
static const char *
modules_remedy(const struct helper *helper)
{
    return helper->kind == HELPER_TOKEN || helper->kind == HELPER_INSPECT
               ? "; it may be the fault of the token or of its module: see "
                 "whether its own tool works, or report this"
               : "";
}

/* How a helper that gave no answer ended, for the cause. */
static void
describe_end(struct helper *helper, struct err_cause *cause)
{
    const char *name = helpers[helper->kind].name;
    struct err_cause why = *cause;
    int status = 0;

    (void)kill(helper->pid, SIGKILL);
    if (waitpid(helper->pid, &status, 0) != helper->pid)
        status = 0;
    helper->pid = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        (void)err_set(cause, KS_ERR_HELPER,
                      "%s could not be started; install Holdfast anew", name);
    else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
        (void)err_pass(cause, KS_ERR_HELPER, "%s died of %s%s", name,
                       strsignal(WTERMSIG(status)), modules_remedy(helper));
    else
        (void)err_pass(cause, KS_ERR_HELPER, "%s: %.100s%s", name, why.text,
                       modules_remedy(helper));
}

/* Its number may be another process's by now. */
static enum ks_err
check_running(const struct helper *helper, struct err_cause *cause)
{
    return helper->pid > 0 ? KS_OK
                           : err_set(cause, KS_ERR_HELPER, "%s has ended",
                                     helpers[helper->kind].name);
}

enum ks_err
helper_send(struct helper *helper, struct msg *msg, struct err_cause *cause)
{
    enum ks_err rc = check_running(helper, cause);

    if (rc != KS_OK)
        return rc;
    rc = msg_send(helper->channel, msg, cause);
    if (rc == KS_ERR_HELPER)
        describe_end(helper, cause);
    return rc;
}

static enum ks_err
answer(struct helper *helper, struct msg *msg, int timeout,
       struct err_cause *cause)
{
    enum ks_err rc = check_running(helper, cause);

    if (rc != KS_OK)
        return rc;
    rc = channel_answer(helper->channel, msg, timeout, cause);
    if (rc == KS_ERR_HELPER)
        describe_end(helper, cause);
    return rc;
}

enum ks_err
helper_answer(struct helper *helper, struct msg *msg, struct err_cause *cause)
{
    return answer(helper, msg, helpers[helper->kind].answer_seconds * 1000,
                  cause);
}

enum ks_err
helper_call(struct helper *helper, struct msg *msg, struct err_cause *cause)
{
    enum ks_err rc = helper_send(helper, msg, cause);

    return rc == KS_OK ? helper_answer(helper, msg, cause) : rc;
}

enum ks_err
helper_wait(struct helper *helper, struct msg *msg, struct err_cause *cause)
{
    enum ks_err rc = helper_send(helper, msg, cause);

    return rc == KS_OK ? answer(helper, msg, -1, cause) : rc;
}

void
helper_end(struct helper *helper)
{
    if (helper->channel >= 0)
        (void)close(helper->channel);
    helper->channel = -1;
}

void
helper_stop(struct helper **helper)
{
    if (*helper == NULL)
        return;
    helper_end(*helper);
    if ((*helper)->pid > 0 &&
        !child_ends_in_time((*helper)->pid,
                            helpers[(*helper)->kind].grace_seconds)) {
        (void)kill((*helper)->pid, SIGKILL);
        (void)waitpid((*helper)->pid, NULL, 0);
    }
    free(*helper);
    *helper = NULL;
}
