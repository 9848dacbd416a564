/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-token that opens no token does the reading and the making. */
#include "agent/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/helper.h"
#include "agent/pin.h"

/* One request with these two descriptors. */
static enum ks_err
call(struct msg *msg, int input, int output, struct err_cause *cause)
{
    struct helper_fds fds = HELPER_NO_FDS;
    struct helper *helper = NULL;
    enum ks_err rc;

    fds.fd[CHANNEL_FD_INPUT] = input;
    fds.fd[CHANNEL_FD_PIN] = output;
    rc = helper_start(HELPER_TOKEN, &fds, false, &helper, cause);
    if (rc == KS_OK)
        rc = helper_call_undisturbed(helper, msg, cause);
    helper_stop(&helper);
    return rc;
}

enum ks_err
passphrase_open(const char *source, enum passphrase_use use, int *ret,
                struct err_cause *cause)
{
    struct pin_source opened = {.fd = -1};
    struct msg *msg = msg_new();
    int memfd = memfd_create("holdfast-passphrase",
                             MFD_CLOEXEC | MFD_ALLOW_SEALING);
    enum ks_err rc = pin_open(source, &opened, cause);

    if (rc == KS_ERR_PIN_NEEDED)
        rc = KS_ERR_PASSPHRASE_NEEDED;
    if (rc == KS_OK && (msg == NULL || memfd < 0))
        rc = err_set_errno(cause, KS_ERR_INTERNAL, "memfd_create");
    if (rc == KS_OK) {
        msg_begin(msg, TOKEN_READ_PASSPHRASE);
        msg_put_text(msg, use == PASSPHRASE_NEW
                              ? "New passphrase for this machine's backups: "
                              : "Passphrase of this machine's backups: ");
        msg_put_number(msg, use == PASSPHRASE_NEW);
        rc = call(msg, opened.fd, memfd, cause);
    }
    if (rc == KS_OK)
        *ret = memfd;
    else if (memfd >= 0)
        (void)close(memfd);
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
    struct msg *msg = msg_new();
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  0600);
    enum ks_err rc;

    if (msg == NULL || fd < 0) {
        rc = err_set_errno(cause, KS_ERR_PASSPHRASE_FILE, path);
        goto out;
    }
    msg_begin(msg, TOKEN_MAKE_PASSPHRASE);
    rc = call(msg, -1, fd, cause);
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
