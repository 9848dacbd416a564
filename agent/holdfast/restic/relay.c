/* SPDX-License-Identifier: Apache-2.0 */
/* "/dev/stdin" and "/dev/fd/3" are other files in the relay than here, and its
 * standard input is restic's protocol, which must not be taken for a PIN. */
#include "agent/holdfast/restic/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/policy/crl_file.h"
#include "agent/holdfast/policy/issuers.h"
#include "agent/holdfast/session/pair.h"
#include "agent/holdfast/session/pin.h"
#include "agent/ipc/layout.h"

/* restic splits the option as a shell would, so nothing may end the quotes. */
static bool
can_be_quoted(const char *value)
{
    return strpbrk(value, "'\"\\\n") == NULL;
}

static enum ks_err
append(char **text, const char *before, const char *value,
       struct err_cause *cause)
{
    char *longer = NULL;

    if (value == NULL)
        return KS_OK;
    if (!can_be_quoted(value))
        return err_set(cause, KS_ERR_USAGE,
                       "a path with quotes cannot be handed to restic: %.120s; "
                       "rename it",
                       value);
    if (asprintf(&longer, "%s%s'%s'", *text != NULL ? *text : "", before,
                 value) < 0)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    free(*text);
    *text = longer;
    return KS_OK;
}

/* The name of the file FD that is its name everywhere, which the caller frees;
 * NULL: it has none. */
static char *
find_name(int fd)
{
    struct stat by_fd, by_name;
    char link[32];
    char *name;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    name = realpath(link, NULL);
    if (name != NULL && fstat(fd, &by_fd) == 0 && stat(name, &by_name) == 0 &&
        by_fd.st_dev == by_name.st_dev && by_fd.st_ino == by_name.st_ino)
        return name;
    free(name);
    return NULL;
}

static enum ks_err
read_pin(struct restic *restic, const struct pin_source *source,
         struct err_cause *cause)
{
    struct msg *msg = msg_new();
    enum ks_err rc;

    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    LAYOUT_PUT(msg, token_read_pin, "PIN of the token: ");
    rc = pin_read(source, msg, &restic->pin, cause);
    msg_free(&msg);
    return rc;
}

static enum ks_err
append_opened(struct restic *restic, const struct pin_source *source,
              struct err_cause *cause)
{
    char *name = source->is_file ? find_name(source->fd) : NULL;
    char handed[16];
    enum ks_err rc = KS_OK;

    (void)snprintf(handed, sizeof handed, "fd:%d", RESTIC_FD_PIN);
    if (name != NULL && can_be_quoted(name)) {
        rc = append(&restic->relay, " --pin-file ", name, cause);
    } else {
        rc = read_pin(restic, source, cause);
        if (rc == KS_OK)
            rc = append(&restic->relay, " --pin-file ", handed, cause);
    }
    free(name);
    return rc;
}

/* A credential of systemd has a name there, too, and the terminal is asked at
 * by the relay, which knows whether the token wants a PIN. */
static enum ks_err
append_pin(struct restic *restic, struct err_cause *cause)
{
    const char *name = restic->options->pin_source;
    struct pin_source source = {.fd = -1};
    enum ks_err rc;

    if (name == NULL)
        return KS_OK;
    rc = pin_open(name, &source, cause);
    if (rc != KS_OK)
        return rc;
    rc = strncmp(name, "systemd:", 8) == 0
             ? append(&restic->relay, " --pin-file ", name, cause)
             : append_opened(restic, &source, cause);
    (void)close(source.fd);
    return rc;
}

/* Give the relay the file NAME as OPTION, if OPENS can open it, under the name
 * that it has in every process. */
static enum ks_err
append_file(struct restic *restic, const char *option, const char *name,
            enum ks_err (*opens)(const char *, int *, struct err_cause *),
            struct err_cause *cause)
{
    char *path = NULL;
    int fd = -1;
    enum ks_err rc;

    if (name == NULL)
        return KS_OK;
    rc = opens(name, &fd, cause);
    if (rc == KS_OK && (path = find_name(fd)) == NULL)
        rc = err_set(cause, KS_ERR_FILE_MISSING, "%.180s has no name any more",
                     name);
    if (rc == KS_OK)
        rc = append(&restic->relay, option, path, cause);
    free(path);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static enum ks_err
append_trust(struct restic *restic, struct err_cause *cause)
{
    const struct options *options = restic->options;
    const char *crls = options->crl_file;
    enum ks_err rc = append_file(restic, " --ca-file ", options->ca_file,
                                 issuers_open, cause);

    if (rc != KS_OK)
        return rc;
    return crls != NULL && crl_file_is_none(crls)
               ? append(&restic->relay, " --crl-file ", crls, cause)
               : append_file(restic, " --crl-file ", crls, crl_file_open,
                             cause);
}

/* rclone.program='/usr/bin/holdfast' relay --report-fd '4' --state-dir '...' */
enum ks_err
restic_relay_make(struct restic *restic, struct err_cause *cause)
{
    char *self = realpath("/proc/self/exe", NULL);
    char number[16];
    enum ks_err rc = self != NULL ? KS_OK
                                  : err_set_errno(cause, KS_ERR_INTERNAL,
                                                  "/proc/self/exe");

    (void)snprintf(number, sizeof number, "%d", RESTIC_FD_REPORT);
    if (rc == KS_OK)
        rc = append(&restic->relay, "rclone.program=", self, cause);
    if (rc == KS_OK)
        rc = append(&restic->relay, " relay --report-fd ", number, cause);
    if (rc == KS_OK)
        rc = append(&restic->relay, " --state-dir ", restic->directory, cause);
    if (rc == KS_OK)
        rc = append_pin(restic, cause);
    if (rc == KS_OK)
        rc = append_trust(restic, cause);
    free(self);
    return rc;
}

static enum ks_err
ask(const struct options *options, struct state *state, struct err_cause *cause)
{
    struct session session;
    struct pair machine = {NULL, NULL};
    struct net_self self;
    enum ks_err rc = session_open(&session, options, state, cause);

    if (rc == KS_OK)
        rc = pair_open_machine(&session, PAIR_SELF, NULL, &machine, cause);
    if (rc == KS_OK)
        rc = net_client_self(machine.net, &self, cause);
    pair_close(&machine);
    session_close(&session);
    return rc;
}

enum ks_err
restic_relay_ask(const struct restic *restic, struct err_cause *cause)
{
    struct options options = *restic->options;
    struct state *state = NULL;
    char pin[16];
    enum ks_err rc;

    if (options.pin_source == NULL && restic->wants_pin)
        return KS_OK;
    (void)snprintf(pin, sizeof pin, "fd:%d", restic->pin);
    if (restic->pin >= 0)
        options.pin_source = pin;
    rc = commands_state_waiting(&options, &state, cause);
    if (rc == KS_OK)
        rc = ask(&options, state, cause);
    state_close(&state);
    return rc;
}
