/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of a PIN by their descriptors, and the latch by what can be known of
 * a source without reading it: a hash of a short PIN on disk would give the
 * PIN away. */
#include "agent/holdfast/session/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "agent/holdfast/helper.h"
#include "agent/holdfast/state/file.h"
#include "keystore/file/credfile.h"
#include "keystore/base/kernel_call.h"
#include "keystore/base/sealed.h"

#define LATCH "pin-refused"

int
pin_descriptor(const char *source)
{
    char *end;
    long fd;

    if (source == NULL || strncmp(source, "fd:", 3) != 0)
        return -1;
    errno = 0;
    fd = strtol(source + 3, &end, 10);
    return errno != 0 || end == source + 3 || *end != '\0' || fd < 0 ||
                   fd > INT_MAX
               ? -1
               : (int)fd;
}

/* Another reader may have read a sealed memfd to its end: it has all that there
 * is from its beginning. */
static int
open_descriptor(const char *source)
{
    int fd = fcntl(pin_descriptor(source), F_DUPFD_CLOEXEC, 3);

    if (fd >= 0 && sealed_is(fd))
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

static int
open_systemd(const char *name)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    char path[1024];

    if (directory == NULL || *name == '\0' || strchr(name, '/') != NULL ||
        snprintf(path, sizeof path, "%s/%s", directory, name) >=
            (int)sizeof path) {
        errno = ENOENT;
        return -1;
    }
    return open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

static enum ks_err
unreadable(struct err_cause *cause, const char *source)
{
    return err_set(cause, KS_ERR_PIN_NEEDED,
                   "%.120s: %s; give --pin-file what this user can read",
                   source, strerror(errno));
}

static enum ks_err
open_file(const char *path, struct pin_source *source, struct err_cause *cause)
{
    struct stat status;

    source->fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (source->fd < 0 || fstat(source->fd, &status) != 0)
        return unreadable(cause, path);
    /* The owner of a file can read it whatever its mode, and put another PIN
     * into it. */
    if (S_ISREG(status.st_mode) && !credfile_may_own(status.st_uid))
        return err_set(cause, KS_ERR_PERMISSION,
                       "%.160s belongs to user %lu; give --pin-file a file "
                       "of your own",
                       path, (unsigned long)status.st_uid);
    if (S_ISREG(status.st_mode) && (status.st_mode & 077) != 0)
        return err_set(cause, KS_ERR_PERMISSION,
                       "others may read %.160s; chmod 600 it", path);
    source->is_file = S_ISREG(status.st_mode);
    source->device = status.st_dev;
    source->inode = status.st_ino;
    source->changed = (uint64_t)status.st_ctim.tv_sec * 1000000000u +
                      (uint64_t)status.st_ctim.tv_nsec;
    return KS_OK;
}

enum ks_err
pin_open(const char *source, struct pin_source *ret, struct err_cause *cause)
{
    struct pin_source opened = {.fd = -1};
    enum ks_err rc = KS_OK;

    if (source == NULL) {
        opened.is_terminal = true;
        opened.fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
        if (opened.fd < 0)
            return err_set(cause, KS_ERR_PIN_NEEDED,
                           "there is no terminal to ask at");
    } else if (strncmp(source, "fd:", 3) == 0) {
        opened.fd = open_descriptor(source);
    } else if (strncmp(source, "systemd:", 8) == 0) {
        opened.fd = open_systemd(source + 8);
    } else {
        rc = open_file(source, &opened, cause);
    }
    if (rc == KS_OK && opened.fd < 0)
        rc = unreadable(cause, source);
    if (rc == KS_OK)
        *ret = opened;
    else if (opened.fd >= 0)
        (void)close(opened.fd);
    return rc;
}

enum ks_err
pin_read(const struct pin_source *source, struct msg *msg, int *ret,
         struct err_cause *cause)
{
    struct helper_fds fds = HELPER_NO_FDS;
    int memfd = memfd_create("holdfast-pin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    enum ks_err rc;

    if (memfd < 0)
        return kernel_call_fail(KERNEL_CALL_MEMFD_CREATE, cause,
                                KS_ERR_RESOURCES, "memfd_create");
    fds.fd[CHANNEL_FD_INPUT] = source->fd;
    fds.fd[CHANNEL_FD_PIN] = memfd;
    rc = isatty(source->fd) == 1
             ? helper_ask_undisturbed(HELPER_TOKEN, &fds, msg, cause)
             : helper_ask(HELPER_TOKEN, &fds, false, msg, cause);
    if (rc == KS_OK)
        *ret = memfd;
    else
        (void)close(memfd);
    return rc;
}

static json_t *
read_latch(int directory)
{
    int fd = openat(directory, LATCH, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    json_t *latch = fd >= 0 ? json_loadfd(fd, 0, NULL) : NULL;

    if (fd >= 0)
        (void)close(fd);
    return latch;
}

static bool
is_same(json_t *latch, const char *serial, const struct pin_source *source)
{
    json_int_t device, inode, changed;
    const char *of;
    int is_file;

    if (json_unpack(latch, "{s:s, s:b, s:I, s:I, s:I}", "serial", &of, "file",
                    &is_file, "device", &device, "inode", &inode, "changed",
                    &changed) != 0)
        return true; /* damaged: rather no try than one too many */
    if (strcmp(of, serial) != 0)
        return false;
    return !source->is_file || !is_file ||
           ((uint64_t)device == source->device &&
            (uint64_t)inode == source->inode &&
            (uint64_t)changed == source->changed);
}

enum ks_err
pin_latch_check(int directory, const char *serial,
                const struct pin_source *source, struct err_cause *cause)
{
    struct stat status;
    json_t *latch = read_latch(directory);
    bool closed = fstatat(directory, LATCH, &status, AT_SYMLINK_NOFOLLOW) ==
                      0 &&
                  !source->is_terminal && is_same(latch, serial, source);

    json_decref(latch);
    if (closed)
        return err_set(cause, KS_ERR_PIN_WRONG,
                       "refused before and unchanged since; after mending it "
                       "elsewhere, remove %s from the state directory",
                       LATCH);
    return KS_OK;
}

enum ks_err
pin_latch_set(int directory, const char *serial,
              const struct pin_source *source, struct err_cause *cause)
{
    json_t *latch = json_pack(
        "{s:s, s:b, s:I, s:I, s:I}", "serial", serial, "file", source->is_file,
        "device", (json_int_t)source->device, "inode",
        (json_int_t)source->inode, "changed", (json_int_t)source->changed);
    int fd = openat(directory, LATCH,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                    0600);
    char *text = latch != NULL ? json_dumps(latch, JSON_COMPACT) : NULL;
    enum ks_err rc = KS_OK;

    if (text == NULL)
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
    else if (fd < 0 || !state_file_write(fd, text, strlen(text)) ||
             fsync(fd) != 0 || fsync(directory) != 0)
        rc = err_set_errno(cause, KS_ERR_STATE_WRITE, LATCH);
    if (fd >= 0)
        (void)close(fd);
    free(text);
    json_decref(latch);
    return rc;
}

void
pin_latch_clear(int directory)
{
    (void)unlinkat(directory, LATCH, 0);
}
