/* SPDX-License-Identifier: Apache-2.0 */
/* What crosses exec is a list here as for the helpers: restic takes much from
 * its environment, and none of that is meant. */
#include "agent/restic.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/child.h"
#include "agent/commands.h"
#include "agent/registration.h"
#include "keystore/kernel_call.h"

#define PASSPHRASE_FD 3
#define PASSPHRASE_FILE "/dev/fd/3"
#define SAID_SIZE 2048
#define RELAY_FAILED "holdfast: relay: " /* as its one line begins */

/* restic's own, and what its child process ends with before it is restic. */
enum {
    EXIT_PARTIAL = 3, /* some of the source could not be read */
    EXIT_UNABLE = 126,
    EXIT_MISSING = 127,
    EXIT_INTERRUPTED = 130
};

/* What it is to do, and where its output goes. */
struct call {
    const char *const *words;
    size_t count;
    int out, err;
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

/* restic splits the option as a shell would, so nothing may end the quotes. */
static enum ks_err
append(char **text, const char *before, const char *value,
       struct err_cause *cause)
{
    char *longer = NULL;

    if (value == NULL)
        return KS_OK;
    if (strpbrk(value, "'\"\\\n") != NULL)
        return err_set(cause, KS_ERR_USAGE,
                       "a path with quotes cannot be handed to restic: %s",
                       value);
    if (asprintf(&longer, "%s%s'%s'", *text != NULL ? *text : "", before,
                 value) < 0)
        return err_set(cause, KS_ERR_INTERNAL, "no memory");
    free(*text);
    *text = longer;
    return KS_OK;
}

/* A descriptor would be the wrong one there. */
static enum ks_err
check_pin_source(const char *source, struct err_cause *cause)
{
    if (source != NULL && strncmp(source, "fd:", 3) == 0)
        return err_set(cause, KS_ERR_USAGE,
                       "restic does not hand a PIN's descriptor on; give a "
                       "path or systemd:NAME");
    return KS_OK;
}

/* rclone.program='/usr/bin/holdfast' relay --state-dir '...' */
static enum ks_err
make_relay(struct restic *restic, struct err_cause *cause)
{
    const struct options *options = restic->options;
    char *self = realpath("/proc/self/exe", NULL);
    enum ks_err rc = check_pin_source(options->pin_source, cause);

    if (rc == KS_OK && self == NULL)
        rc = err_set_errno(cause, KS_ERR_INTERNAL, "/proc/self/exe");
    if (rc == KS_OK)
        rc = append(&restic->relay, "rclone.program=", self, cause);
    if (rc == KS_OK)
        rc = append(&restic->relay, " relay --state-dir ", restic->directory,
                    cause);
    if (rc == KS_OK)
        rc = append(&restic->relay, " --pin-file ", options->pin_source, cause);
    if (rc == KS_OK)
        rc = append(&restic->relay, " --ca-file ", options->ca_file, cause);
    free(self);
    return rc;
}

/* In the child.  The memfd has no end of file to be at: each opening of the
 * name starts at its beginning. */
_Noreturn static void
run(const struct restic *restic, const char *const *argv,
    const struct call *call, pid_t starter)
{
    struct child_environment environment = {
        .entry = {"PATH=/usr/local/bin:/usr/bin:/bin"}, .count = 1};

    child_environment_add(&environment, variables, restic->emulation);
    if (dup2(call->out, STDOUT_FILENO) < 0 ||
        dup2(call->err, STDERR_FILENO) < 0)
        _exit(EXIT_UNABLE);
    /* By way of another number: one that is there already would be closed. */
    if (dup2(fcntl(restic->passphrase, F_DUPFD_CLOEXEC, PASSPHRASE_FD + 1),
             PASSPHRASE_FD) < 0 ||
        close_range(PASSPHRASE_FD + 1, ~0u, 0) != 0)
        _exit(EXIT_UNABLE);
    /* Without us it ends as from the keyboard, and leaves no lock behind; and
     * we may be gone already. */
    (void)prctl(PR_SET_PDEATHSIG, SIGINT);
    if (getppid() != starter)
        _exit(EXIT_UNABLE);
    (void)execvpe("restic", (char *const *)(uintptr_t)argv,
                  (char *const *)(uintptr_t)environment.entry);
    _exit(errno == ENOENT ? EXIT_MISSING : EXIT_UNABLE);
}

static enum ks_err
judge(int status, struct err_cause *cause)
{
    if (WIFSIGNALED(status))
        return err_set(cause, KS_ERR_RESTIC, "it died of %s",
                       strsignal(WTERMSIG(status)));
    switch (WEXITSTATUS(status)) {
    case 0:
        return KS_OK;
    case EXIT_PARTIAL:
        return err_set(cause, KS_ERR_PARTIAL, "the snapshot is incomplete");
    case EXIT_INTERRUPTED:
        return err_set(cause, KS_ERR_RESTIC, "it was interrupted");
    case EXIT_MISSING:
        return err_set(cause, KS_ERR_RESTIC, "it is not there: install it");
    case EXIT_UNABLE:
        return err_set(cause, KS_ERR_RESTIC, "it cannot be started");
    default:
        return err_set(cause, KS_ERR_RESTIC,
                       "exit status %d, and what it wrote says why",
                       WEXITSTATUS(status));
    }
}

/* restic ends by itself what the keyboard interrupts.  Since 0.17 that may be
 * to it an error like any other: then it is known here alone. */
static enum ks_err
wait_for(pid_t child, int *ret_status, struct err_cause *cause)
{
    struct child_keyboard keyboard;
    enum ks_err rc;
    pid_t ended;

    child_ignore_keyboard(&keyboard);
    do
        ended = waitpid(child, ret_status, 0);
    while (ended < 0 && errno == EINTR);
    rc = ended == child
             ? KS_OK
             : err_set_errno(cause, KS_ERR_INTERNAL, "waiting for restic");
    if (child_heed_keyboard(&keyboard) && rc == KS_OK &&
        *ret_status == W_EXITCODE(EXIT_FAILURE, 0))
        *ret_status = W_EXITCODE(EXIT_INTERRUPTED, 0);
    return rc == KS_OK ? judge(*ret_status, cause) : rc;
}

/* *RET_STATUS is that of waitpid(2), where restic was at work. */
static enum ks_err
execute(const struct restic *restic, const struct call *call, int *ret_status,
        struct err_cause *cause)
{
    const char *const own[] = {
        "restic",          "--repo",        "rclone:vault",
        "--password-file", PASSPHRASE_FILE, "--cache-dir",
        restic->cache,     "--option",      restic->relay};
    const size_t own_count = sizeof own / sizeof own[0];
    const char **argv = calloc(own_count + call->count + 1, sizeof *argv);
    pid_t starter = getpid(), child;
    enum ks_err rc;

    if (argv == NULL)
        return err_set(cause, KS_ERR_INTERNAL, "no memory");
    memcpy(argv, own, sizeof own);
    memcpy(argv + own_count, call->words, call->count * sizeof *argv);
    child = fork();
    if (child == 0)
        run(restic, argv, call, starter);
    rc = child > 0 ? wait_for(child, ret_status, cause)
                   : err_set_errno(cause, KS_ERR_INTERNAL, "fork");
    free(argv);
    return rc;
}

/* What the relay has recorded, and could not say. */
static void
tell_update(const struct restic *restic)
{
    struct err_cause cause;
    struct state *state = NULL;

    if (commands_state_waiting(restic->options, &state, &cause) == KS_OK)
        registration_tell_update(state);
    state_close(&state);
}

enum ks_err
restic_run(const struct restic *restic, const char *const *words, size_t count,
           struct err_cause *cause)
{
    const struct call call = {words, count, STDOUT_FILENO, STDERR_FILENO};
    int status;
    enum ks_err rc = execute(restic, &call, &status, cause);

    tell_update(restic);
    return rc;
}

/* What STATE says of it. */
static enum ks_err
take_state(struct restic *restic, const struct state *state, bool *ret_new,
           struct err_cause *cause)
{
    char path[64];

    if (state_phase(state) < STATE_REGISTERED)
        return err_set(cause, KS_ERR_NOT_REGISTERED,
                       "there is no vault to send to");
    restic->emulation = state_number(state, STATE_TOKEN_EMULATED) != 0;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d",
                   state_directory_fd(state));
    restic->directory = realpath(path, NULL);
    if (restic->directory == NULL ||
        asprintf(&restic->cache, "%s/cache", restic->directory) < 0)
        return err_set_errno(cause, KS_ERR_INTERNAL, "state directory");
    *ret_new = state_number(state, STATE_REPOSITORY) == 0;
    return KS_OK;
}

enum ks_err
restic_open(struct restic *restic, const struct options *options, bool *ret_new,
            struct err_cause *cause)
{
    struct state *state = NULL;
    enum ks_err rc = commands_state_waiting(options, &state, cause);

    *restic = (struct restic){.options = options, .passphrase = -1};
    if (rc == KS_OK)
        rc = take_state(restic, state, ret_new, cause);
    state_close(&state);
    return rc == KS_OK ? make_relay(restic, cause) : rc;
}

void
restic_close(struct restic *restic)
{
    if (restic->passphrase >= 0)
        (void)close(restic->passphrase);
    free(restic->directory);
    free(restic->cache);
    free(restic->relay);
    *restic = (struct restic){.passphrase = -1};
}

static void
read_said(int said, char ret[static SAID_SIZE])
{
    ssize_t length = pread(said, ret, SAID_SIZE - 1, 0);

    ret[length > 0 ? length : 0] = '\0';
}

/* Make the repository.  It may be there already: then the passphrase must open
 * it.  A relay that failed would only fail again, and a PIN be tried twice. */
static enum ks_err
make_or_open(const struct restic *restic, int null, int said,
             char text[static SAID_SIZE], struct err_cause *cause)
{
    static const char *const words[] = {"init", "cat", "config"};
    const struct call make = {words, 1, null, said};
    const struct call ask = {words + 1, 2, null, said};
    int status = 0;
    enum ks_err rc = execute(restic, &make, &status, cause);

    read_said(said, text);
    if (rc != KS_ERR_RESTIC || !WIFEXITED(status) ||
        WEXITSTATUS(status) != EXIT_FAILURE ||
        strstr(text, RELAY_FAILED) != NULL)
        return rc;
    rc = execute(restic, &ask, &status, cause);
    read_said(said, text);
    return rc;
}

/* What restic writes meanwhile is shown only where nothing comes of it. */
static enum ks_err
find_repository(const struct restic *restic, struct err_cause *cause)
{
    char text[SAID_SIZE] = "";
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int said = memfd_create("holdfast-restic", MFD_CLOEXEC);
    enum ks_err rc = null >= 0 && said >= 0
                         ? make_or_open(restic, null, said, text, cause)
                         : kernel_call_fail(KERNEL_CALL_MEMFD_CREATE, cause,
                                            KS_ERR_INTERNAL,
                                            "descriptors for restic");

    if (rc != KS_OK)
        (void)fputs(text, stderr);
    if (null >= 0)
        (void)close(null);
    if (said >= 0)
        (void)close(said);
    return rc;
}

enum ks_err
restic_prepare(const struct restic *restic, struct err_cause *cause)
{
    struct state *state = NULL;
    enum ks_err rc = find_repository(restic, cause);

    if (rc == KS_OK)
        rc = commands_state_waiting(restic->options, &state, cause);
    if (rc != KS_OK)
        return rc;
    /* Nothing was locked while restic ran. */
    if (state_phase(state) < STATE_REGISTERED) {
        rc = err_set(cause, KS_ERR_NOT_REGISTERED, "it has just left");
    } else {
        state_set_number(state, STATE_REPOSITORY, 1);
        rc = state_save(state, state_phase(state), cause);
    }
    state_close(&state);
    return rc;
}
