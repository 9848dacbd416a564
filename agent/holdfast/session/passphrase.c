/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-token that opens no token does the reading and the making. */
#include "agent/holdfast/session/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/helper.h"
#include "agent/holdfast/session/pin.h"
#include "agent/ipc/layout.h"

enum ks_err
passphrase_open(const char *source, enum passphrase_use use, int *ret,
                struct err_cause *cause)
{
    const struct layout_token_read_passphrase request = {
        .prompt = use == PASSPHRASE_NEW
                      ? "New passphrase for this machine's backups: "
                      : "Passphrase of this machine's backups: ",
        .new = use == PASSPHRASE_NEW};
    struct pin_source opened = {.fd = -1};
    struct msg *msg = msg_new();
    enum ks_err rc = msg != NULL
                         ? pin_open(source, &opened, cause)
                         : err_set(cause, KS_ERR_RESOURCES, "no memory");

    if (rc == KS_ERR_PIN_NEEDED)
        rc = KS_ERR_PASSPHRASE_NEEDED;
    if (rc == KS_OK) {
        (void)layout_token_read_passphrase_put(msg, &request);
        rc = pin_read(&opened, msg, ret, cause);
    }
    if (opened.fd >= 0)
        (void)close(opened.fd);
    msg_free(&msg);
    return rc;
}

/* The directory's entry, too, must survive a power cut. */
static enum ks_err
flush_directory(const char *path, struct err_cause *cause)
{
    char *copy = strdup(path);
    int fd = copy != NULL ? open(dirname(copy), O_RDONLY | O_DIRECTORY) : -1;
    bool done = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        (void)close(fd);
    free(copy);
    return done ? KS_OK : err_set_errno(cause, KS_ERR_PASSPHRASE_FILE, path);
}

enum ks_err
passphrase_generate(const char *path, struct err_cause *cause)
{
    struct helper_fds fds = HELPER_NO_FDS;
    struct msg *msg = msg_new();
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  0600);
    enum ks_err rc;

    if (msg == NULL || fd < 0) {
        rc = err_set_errno(cause, KS_ERR_PASSPHRASE_FILE, path);
        goto out;
    }
    layout_bare_put(msg, TOKEN_MAKE_PASSPHRASE);
    fds.fd[CHANNEL_FD_PIN] = fd;
    rc = helper_ask(HELPER_TOKEN, &fds, false, msg, cause);
    if (rc == KS_OK)
        rc = flush_directory(path, cause);
out:
    if (rc != KS_OK && fd >= 0)
        (void)unlink(path);
    if (fd >= 0)
        (void)close(fd);
    msg_free(&msg);
    return rc;
}
