/* SPDX-License-Identifier: Apache-2.0 */
/* restic's arguments, and the meaning of its end. */
#include "agent/holdfast/restic/restic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/report/lifetime.h"
#include "agent/holdfast/restic/process.h"
#include "agent/holdfast/restic/relay.h"
#include "agent/holdfast/restic/words.h"
#include "agent/holdfast/session/recorded.h"

#define PASSPHRASE_FILE "/dev/fd/3" /* RESTIC_FD_PASSPHRASE */

/* By its status alone. */
static enum ks_err
judge_status(int status, struct err_cause *cause)
{
    if (WIFSIGNALED(status))
        return err_set(cause, KS_ERR_RESTIC, "it died of %s; try again",
                       strsignal(WTERMSIG(status)));
    switch (WEXITSTATUS(status)) {
    case RESTIC_INTERRUPTED:
        return err_set(cause, KS_ERR_RESTIC, "it was interrupted");
    case RESTIC_MISSING:
        return err_set(cause, KS_ERR_RESTIC, "it is not there; install it");
    case RESTIC_UNABLE:
        return err_set(cause, KS_ERR_RESTIC,
                       "it cannot be started; see whether 'restic version' "
                       "works");
    default:
        return err_set(cause, KS_ERR_RESTIC,
                       "exit status %d; what it wrote says why",
                       WEXITSTATUS(status));
    }
}

/* How it failed in truth: by what the relay says, then by restic's words, and
 * where these only say that the vault refused, by the vault's. */
static enum ks_err
judge_failure(const struct restic *restic, int status, struct err_cause *cause)
{
    bool ended = WIFEXITED(status) && WEXITSTATUS(status) != RESTIC_INTERRUPTED;
    enum ks_err rc = ended || restic_words_have(RESTIC_WORDS_FULL)
                         ? restic_words_judge(cause)
                         : KS_ERR_RESTIC;

    if (rc == KS_ERR_VAULT_REFUSED) {
        struct err_cause why;
        enum ks_err asked = restic_relay_ask(restic, &why);

        if (asked != KS_OK)
            *cause = why;
        return asked != KS_OK ? asked : rc;
    }
    return rc != KS_ERR_RESTIC ? rc : judge_status(status, cause);
}

static enum ks_err
judge(struct restic *restic, const struct restic_end *end,
      struct err_cause *cause)
{
    int status = end->status;

    restic->relay_failed = end->relay != KS_OK;
    if (restic->relay_failed)
        restic_words_relay_spoke();
    if (status == 0)
        return restic_words_have(RESTIC_WORDS_SKIPPED)
                   ? err_set(cause, KS_ERR_PARTIAL, "a path was just removed")
                   : KS_OK;
    if (WIFEXITED(status) && WEXITSTATUS(status) == RESTIC_PARTIAL)
        return err_set(cause, KS_ERR_PARTIAL, "the snapshot is incomplete");
    if (restic->relay_failed) {
        *cause = end->cause;
        return end->relay;
    }
    return judge_failure(restic, status, cause);
}

/* Run it with WORDS, COUNT of them; *RET_STATUS is that of waitpid(2). */
static enum ks_err
execute(struct restic *restic, const char *const *words, size_t count,
        struct restic_end *ret, struct err_cause *cause)
{
    const char *const own[] = {
        "restic",          "--repo",        "rclone:vault",
        "--password-file", PASSPHRASE_FILE, "--cache-dir",
        restic->cache,     "--option",      restic->relay};
    const size_t own_count = sizeof own / sizeof own[0];
    const char **argv = calloc(own_count + count + 1, sizeof *argv);
    enum ks_err rc;

    if (argv == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    memcpy(argv, own, sizeof own);
    memcpy(argv + own_count, words, count * sizeof *argv);
    rc = restic_process_run(restic, argv, ret, cause);
    free(argv);
    return rc == KS_OK ? judge(restic, ret, cause) : rc;
}

/* Tell what the relay has recorded, and could not say. */
static void
tell_update(const struct restic *restic)
{
    struct err_cause cause;
    struct state *state = NULL;

    if (commands_state_waiting(restic->options, &state, &cause) == KS_OK)
        recorded_tell_update(state);
    state_close(&state);
}

enum ks_err
restic_run(struct restic *restic, const char *const *words, size_t count,
           struct err_cause *cause)
{
    struct restic_end end;
    enum ks_err rc;

    restic->silent = false;
    rc = execute(restic, words, count, &end, cause);
    tell_update(restic);
    return rc;
}

/* Fill RESTIC from STATE. */
static enum ks_err
take_state(struct restic *restic, const struct state *state, bool *ret_new,
           struct err_cause *cause)
{
    struct settings settings;
    char path[64];

    if (state_phase(state) < STATE_REGISTERED)
        return err_set(cause, KS_ERR_NOT_REGISTERED,
                       "there is no vault to send to");
    restic->emulation = state_number(state, STATE_TOKEN_EMULATED) != 0;
    settings_resolve(restic->options, state, &settings);
    /* The relay opens a recorded source itself. */
    restic->wants_pin = state_number(state, STATE_TOKEN_PIN) != 0 &&
                        settings.pin_source.text == NULL;
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

    *restic = (struct restic){.options = options, .passphrase = -1, .pin = -1};
    if (rc == KS_OK)
        rc = take_state(restic, state, ret_new, cause);
    if (rc == KS_OK)
        lifetime_warn(state);
    state_close(&state);
    return rc == KS_OK ? restic_relay_make(restic, cause) : rc;
}

void
restic_close(struct restic *restic)
{
    if (restic->passphrase >= 0)
        (void)close(restic->passphrase);
    if (restic->pin >= 0)
        (void)close(restic->pin);
    free(restic->directory);
    free(restic->cache);
    free(restic->relay);
    *restic = (struct restic){.passphrase = -1, .pin = -1};
}

/* Make the repository.  It may be there already: then the passphrase must open
 * it.  A relay that failed would only fail again, and a PIN be tried twice.
 * What restic writes is of interest only where nothing comes of it. */
static enum ks_err
make_or_open(struct restic *restic, struct err_cause *cause)
{
    static const char *const words[] = {"init", "cat", "config"};
    struct restic_end end;
    enum ks_err rc;

    restic->silent = true;
    rc = execute(restic, words, 1, &end, cause);
    if (rc == KS_ERR_RESTIC && !restic->relay_failed && WIFEXITED(end.status) &&
        WEXITSTATUS(end.status) == EXIT_FAILURE)
        rc = execute(restic, words + 1, 2, &end, cause);
    if (rc == KS_OK)
        restic_words_forget();
    return rc;
}

enum ks_err
restic_prepare(struct restic *restic, struct err_cause *cause)
{
    struct state *state = NULL;
    enum ks_err rc = make_or_open(restic, cause);

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
