/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors that cross exec are a list here as for the helpers: restic
 * takes much from its environment, and none of that is meant. */
#include "agent/holdfast/restic/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/holdfast/child.h"
#include "agent/holdfast/restic/relay_report.h"
#include "agent/holdfast/restic/relay.h"
#include "agent/holdfast/restic/words.h"

/* The ends of what restic is run with; -1: closed. */
struct ends {
    int report[2]; /* ours, the relay's */
    int said[2];   /* a pipe: restic's standard error */
};

static const char *const variables[] = {"LANG",
                                        "LC_ALL",
                                        "TZ",
                                        "TERM",
                                        "HOME",
                                        "TMPDIR",
                                        "CREDENTIALS_DIRECTORY",
                                        "RESTIC_PROGRESS_FPS",
                                        NULL};

/* In the child: what restic is to have, each by way of another number, since
 * one that is there already would be closed. */
static bool
place_descriptors(const struct restic *restic, const struct ends *ends)
{
    const int from[RESTIC_FD__END] = {
        [RESTIC_FD_PASSPHRASE] = restic->passphrase,
        [RESTIC_FD_REPORT] = ends->report[1],
        [RESTIC_FD_PIN] = restic->pin,
        [RESTIC_FD_SAID] = ends->said[0]};
    int moved[RESTIC_FD__END];

    for (int i = RESTIC_FD_PASSPHRASE; i < RESTIC_FD__END; i++)
        moved[i] = from[i] < 0
                       ? -1
                       : fcntl(from[i], F_DUPFD_CLOEXEC, RESTIC_FD__END);
    for (int i = RESTIC_FD_PASSPHRASE; i < RESTIC_FD__END; i++) {
        if (from[i] < 0)
            (void)close(i);
        else if (dup2(moved[i], i) != i)
            return false;
    }
    return close_range(RESTIC_FD__END, ~0u, 0) == 0;
}

static bool
place_streams(const struct restic *restic, const struct ends *ends)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    return dup2(ends->said[1], STDERR_FILENO) == STDERR_FILENO &&
           (!restic->silent || dup2(null, STDOUT_FILENO) == STDOUT_FILENO);
}

/* In the child.  The memfd has no end of file to be at: each opening of the
 * name starts at its beginning. */
_Noreturn static void
run(const struct restic *restic, const char *const *argv,
    const struct ends *ends)
{
    struct child_environment environment = {
        .entry = {"PATH=/usr/local/bin:/usr/bin:/bin"}, .count = 1};

    child_environment_add(&environment, variables, restic->emulation);
    if (!place_streams(restic, ends) || !place_descriptors(restic, ends))
        _exit(RESTIC_UNABLE);
    (void)execvpe("restic", (char *const *)(uintptr_t)argv,
                  (char *const *)(uintptr_t)environment.entry);
    _exit(errno == ENOENT ? RESTIC_MISSING : RESTIC_UNABLE);
}

/* restic ends by itself what the keyboard interrupts.  Since 0.17 that may be
 * to it an error like any other: then it is known here alone. */
static enum ks_err
wait_for(pid_t child, bool live, int said, int *ret_status,
         struct err_cause *cause)
{
    struct child_keyboard keyboard;
    enum ks_err rc;
    pid_t ended;

    child_ignore_keyboard(&keyboard);
    restic_words_take(said, child, live);
    do
        ended = waitpid(child, ret_status, 0);
    while (ended < 0 && errno == EINTR);
    rc = ended == child
             ? KS_OK
             : err_set_errno(cause, KS_ERR_INTERNAL, "waiting for restic");
    if (child_heed_keyboard(&keyboard) && rc == KS_OK &&
        *ret_status == W_EXITCODE(EXIT_FAILURE, 0))
        *ret_status = W_EXITCODE(RESTIC_INTERRUPTED, 0);
    return rc;
}

static enum ks_err
open_ends(struct ends *ends, struct err_cause *cause)
{
    *ends = (struct ends){{-1, -1}, {-1, -1}};
    return pipe2(ends->said, O_CLOEXEC) == 0
               ? relay_report_open(ends->report, cause)
               : err_set_errno(cause, KS_ERR_RESOURCES, "a pipe for restic");
}

static void
close_end(int *end)
{
    if (*end >= 0)
        (void)close(*end);
    *end = -1;
}

static void
close_ends(struct ends *ends)
{
    for (int i = 0; i < 2; i++) {
        close_end(&ends->report[i]);
        close_end(&ends->said[i]);
    }
}

enum ks_err
restic_process_run(const struct restic *restic, const char *const *argv,
                   struct restic_end *ret, struct err_cause *cause)
{
    pid_t starter = getpid(), child;
    struct ends ends;
    enum ks_err rc = open_ends(&ends, cause);

    if (rc != KS_OK)
        goto out;
    child = fork();
    if (child == 0) {
        /* Without us it ends as from the keyboard, and leaves no lock behind;
         * and we may be gone already. */
        (void)prctl(PR_SET_PDEATHSIG, SIGINT);
        if (getppid() != starter)
            _exit(RESTIC_UNABLE);
        run(restic, argv, &ends);
    }
    close_end(&ends.report[1]);
    close_end(&ends.said[1]);
    rc = child > 0 ? wait_for(child, !restic->silent, ends.said[0],
                              &ret->status, cause)
                   : err_set_errno(cause, KS_ERR_RESOURCES, "fork");
    ret->cause = (struct err_cause){""};
    ret->relay = relay_report_take(ends.report[0], &ret->cause);
out:
    close_ends(&ends);
    return rc;
}

/* In the child: its answer to OUT. */
_Noreturn static void
run_version(int out)
{
    static const char *const argv[] = {"restic", "version", NULL};
    struct child_environment environment = {
        .entry = {"PATH=/usr/local/bin:/usr/bin:/bin"}, .count = 1};

    if (dup2(out, STDOUT_FILENO) == STDOUT_FILENO &&
        close_range(STDERR_FILENO + 1, ~0u, 0) == 0)
        (void)execvpe("restic", (char *const *)(uintptr_t)argv,
                      (char *const *)(uintptr_t)environment.entry);
    _exit(RESTIC_UNABLE);
}

bool
restic_process_version(unsigned *ret_major, unsigned *ret_minor)
{
    char text[128] = "";
    int ends[2], status = 0;
    size_t length = 0;
    ssize_t n;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    child = fork();
    if (child == 0)
        run_version(ends[1]);
    (void)close(ends[1]);
    while ((n = read(ends[0], text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)n;
    (void)close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return child > 0 && status == 0 &&
           sscanf(text, "restic %u.%u", ret_major, ret_minor) == 2;
}
