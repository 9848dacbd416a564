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
#include <sys/wait.h>
#include <unistd.h>

#include "agent/commands.h"

#define PASSPHRASE_FD 3
#define PASSPHRASE_FILE "/dev/fd/3"
#define FIXED_WORDS 10
#define EXIT_PARTIAL 3 /* restic(1): some source data could not be read */

static const char *const environment[] = {"LANG",
                                          "LC_ALL",
                                          "TZ",
                                          "TERM",
                                          "HOME",
                                          "TMPDIR",
                                          "CREDENTIALS_DIRECTORY",
                                          "XDG_STATE_HOME",
                                          "RESTIC_PROGRESS_FPS",
                                          NULL};
static const char *const emulators[] = {"SOFTHSM2_CONF", NULL};

static void
pass_on(const char *const *names, const char **env, size_t *count)
{
    for (; *names != NULL; names++) {
        const char *value = getenv(*names);
        char *entry = NULL;

        if (value != NULL && asprintf(&entry, "%s=%s", *names, value) > 0)
            env[(*count)++] = entry;
    }
}

/* restic splits the option as a shell would, so nothing may end the quotes. */
static enum ks_err
append(char **text, const char *option, const char *value,
       struct err_cause *cause)
{
    char *longer = NULL;

    if (value == NULL)
        return KS_OK;
    if (strpbrk(value, "'\"\\\n") != NULL)
        return err_set(cause, KS_ERR_USAGE,
                       "a path with quotes cannot be handed to restic: %s",
                       value);
    if (asprintf(&longer, "%s %s '%s'", *text, option, value) < 0)
        return err_set(cause, KS_ERR_INTERNAL, "no memory");
    free(*text);
    *text = longer;
    return KS_OK;
}

static enum ks_err
check_pin_source(const struct options *options, struct err_cause *cause)
{
    if (options->pin_source != NULL &&
        strncmp(options->pin_source, "fd:", 3) == 0)
        return err_set(cause, KS_ERR_USAGE,
                       "restic does not hand a PIN's descriptor on: give a "
                       "path or systemd:NAME");
    return KS_OK;
}

/* rclone.program='/usr/bin/holdfast' relay --state-dir ... */
static enum ks_err
relay_option(const struct restic *restic, char **ret, struct err_cause *cause)
{
    const struct options *options = restic->options;
    char *self = realpath("/proc/self/exe", NULL);
    char *text = NULL;
    enum ks_err rc = check_pin_source(options, cause);

    if (self == NULL || strchr(self, '\'') != NULL ||
        asprintf(&text, "rclone.program='%s' relay", self) < 0) {
        free(self);
        return err_set_errno(cause, KS_ERR_INTERNAL, "/proc/self/exe");
    }
    free(self);
    if (rc == KS_OK)
        rc = append(&text, "--state-dir", restic->directory, cause);
    if (rc == KS_OK)
        rc = append(&text, "--pin-file", options->pin_source, cause);
    if (rc == KS_OK)
        rc = append(&text, "--ca-file", options->ca_file, cause);
    if (rc == KS_OK)
        *ret = text;
    else
        free(text);
    return rc;
}

/* In the child.  The memfd has no end of file to be at: each opening of the
 * name starts at its beginning. */
_Noreturn static void
run(const struct restic *restic, const char *const *argv,
    enum restic_shown shown)
{
    const char *env[sizeof environment / sizeof environment[0] +
                    sizeof emulators / sizeof emulators[0] + 1] = {
        "PATH=/usr/local/bin:/usr/bin:/bin"};
    size_t count = 1;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    pass_on(environment, env, &count);
    if (restic->emulation)
        pass_on(emulators, env, &count);
    if (shown != RESTIC_ALL && dup2(null, STDOUT_FILENO) < 0)
        _exit(127);
    if (shown == RESTIC_NOTHING && dup2(null, STDERR_FILENO) < 0)
        _exit(127);
    /* By way of another number: one that is there already would be closed. */
    if (dup2(fcntl(restic->passphrase, F_DUPFD_CLOEXEC, PASSPHRASE_FD + 1),
             PASSPHRASE_FD) < 0 ||
        close_range(PASSPHRASE_FD + 1, ~0u, 0) != 0)
        _exit(127);
    (void)execvpe("restic", (char *const *)(uintptr_t)argv,
                  (char *const *)(uintptr_t)env);
    _exit(127);
}

/* restic ends by itself what the keyboard interrupts. */
static enum ks_err
wait_for(pid_t child, struct err_cause *cause)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
    int status = 0;

    (void)sigaction(SIGINT, &ignore, &interrupt);
    (void)sigaction(SIGQUIT, &ignore, &quit);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    (void)sigaction(SIGINT, &interrupt, NULL);
    (void)sigaction(SIGQUIT, &quit, NULL);
    if (WIFSIGNALED(status))
        return err_set(cause, KS_ERR_RESTIC, "it died of %s",
                       strsignal(WTERMSIG(status)));
    switch (WEXITSTATUS(status)) {
    case 0:
        return KS_OK;
    case EXIT_PARTIAL:
        return err_set(cause, KS_ERR_PARTIAL, "the snapshot is incomplete");
    case 127:
        return err_set(cause, KS_ERR_RESTIC, "is it installed?");
    default:
        return err_set(cause, KS_ERR_RESTIC, "exit status %d",
                       WEXITSTATUS(status));
    }
}

enum ks_err
restic_run(const struct restic *restic, const char *const *words, size_t count,
           enum restic_shown shown, struct err_cause *cause)
{
    const char *argv[FIXED_WORDS + RESTIC_WORDS_MAX + 1] = {
        "restic",          "--repo",        "rclone:vault",
        "--password-file", PASSPHRASE_FILE, "--cache-dir"};
    size_t used = 6;
    char *cache = NULL;
    char *relay = NULL;
    pid_t child;
    enum ks_err rc = relay_option(restic, &relay, cause);

    if (rc != KS_OK)
        return rc;
    if (count > RESTIC_WORDS_MAX ||
        asprintf(&cache, "%s/cache", restic->directory) < 0) {
        rc = err_set(cause, KS_ERR_USAGE, "too many paths: give directories");
        goto out;
    }
    argv[used++] = cache;
    argv[used++] = "--option";
    argv[used++] = relay;
    for (size_t i = 0; i < count; i++)
        argv[used++] = words[i];
    child = fork();
    if (child == 0)
        run(restic, argv, shown);
    rc = child > 0 ? wait_for(child, cause)
                   : err_set_errno(cause, KS_ERR_INTERNAL, "fork");
out:
    free(cache);
    free(relay);
    return rc;
}

enum ks_err
restic_open(struct restic *restic, const struct options *options, bool *ret_new,
            struct err_cause *cause)
{
    struct state *state = NULL;
    char path[64];
    enum ks_err rc = commands_state(options, false, &state, cause);

    *restic = (struct restic){.options = options, .passphrase = -1};
    if (rc != KS_OK)
        return rc;
    if (state_phase(state) < STATE_REGISTERED)
        rc = err_set(cause, KS_ERR_NOT_REGISTERED,
                     "there is no vault to send to");
    restic->emulation = state_number(state, STATE_TOKEN_EMULATED) != 0;
    *ret_new = state_number(state, STATE_REPOSITORY) == 0;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d",
                   state_directory_fd(state));
    restic->directory = realpath(path, NULL);
    if (rc == KS_OK && restic->directory == NULL)
        rc = err_set_errno(cause, KS_ERR_INTERNAL, "state directory");
    state_close(&state);
    return rc;
}

void
restic_close(struct restic *restic)
{
    if (restic->passphrase >= 0)
        (void)close(restic->passphrase);
    free(restic->directory);
    *restic = (struct restic){.passphrase = -1};
}

enum ks_err
restic_prepare(const struct restic *restic, struct err_cause *cause)
{
    static const char *const make[] = {"init"};
    static const char *const ask[] = {"cat", "config"};
    struct state *state = NULL;
    enum ks_err rc = restic_run(restic, make, 1, RESTIC_NOTHING, NULL);

    /* It may be there already: then the passphrase must open it, and restic
     * says why where it does not. */
    if (rc == KS_ERR_RESTIC)
        rc = restic_run(restic, ask, 2, RESTIC_ERRORS, cause);
    if (rc == KS_OK)
        rc = commands_state(restic->options, false, &state, cause);
    if (rc != KS_OK)
        return rc;
    state_set_number(state, STATE_REPOSITORY, 1);
    rc = state_save(state, state_phase(state), cause);
    state_close(&state);
    return rc;
}
