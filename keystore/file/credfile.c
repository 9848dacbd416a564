/* SPDX-License-Identifier: Apache-2.0 */
/* The credential file is looked at through an O_PATH descriptor, which opens
 * nothing and cannot block, and only what was looked at is opened.  Must never
 * read: that is for a process without token and network. */
#include "keystore/file/credfile_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keystore/file/credfile_directory.h"
#include "keystore/file/credfile_mend.h"
#include "keystore/file/medium.h"

#define LARGEST (256 * 1024)
#define OTHERS (S_IRWXG | S_IRWXO)

off_t
credfile_whole_blocks(const struct stat *status, off_t size)
{
    off_t block = status->st_blksize > 0 ? status->st_blksize : 1;
    off_t whole = (size + block - 1) / block * block;
    off_t most = size > LARGEST ? size : LARGEST;

    return whole < most ? whole : most;
}

static enum ks_err
check_kind(const struct stat *status, struct err_cause *cause)
{
    if (S_ISDIR(status->st_mode))
        return err_set(cause, KS_ERR_FILE_KIND, "a directory");
    if (!S_ISREG(status->st_mode))
        return err_set(cause, KS_ERR_FILE_KIND, "a pipe, socket or device");
    if (status->st_nlink != 1)
        return err_set(cause, KS_ERR_FILE_KIND,
                       "it has %lu hard links; remove the others",
                       (unsigned long)status->st_nlink);
    if (status->st_size < 1)
        return err_set(cause, KS_ERR_CRED_FORMAT, "it is empty");
    if (status->st_size > LARGEST)
        return err_set(cause, KS_ERR_CRED_FORMAT, "more than %d KiB",
                       LARGEST / 1024);
    return KS_OK;
}

static enum ks_err
check(const struct credfile *file, struct err_cause *cause)
{
    const struct stat *status = &file->status;
    enum ks_err rc = check_kind(status, cause);

    if (rc != KS_OK)
        return rc;
    if (!credfile_directory_owner(status->st_uid)) {
        rc = err_set(cause, KS_ERR_FILE_EXPOSED, "it belongs to user %lu",
                     (unsigned long)status->st_uid);
        credfile_mend(cause, "sudo chown \"$(id -un)\"", file->path);
    } else if ((status->st_mode & OTHERS) != 0) {
        rc = err_set(cause, KS_ERR_FILE_EXPOSED, "its mode is %04o",
                     status->st_mode & 07777);
        credfile_mend(cause, "chmod 600", file->path);
    }
    return rc;
}

static enum ks_err
say_stranger(struct err_cause *cause)
{
    return err_set(cause, KS_ERR_FILE_KIND,
                   "another file has its name now; move it away");
}

/* The number of a device may be another after the next start of the system.  A
 * wipe lets a file grow to whole blocks, an editor lets it grow to anything,
 * and a crash may come at each size between.  Neither decides, then, but what
 * is in the file.  Only, no wipe makes a file shorter. */
static enum ks_err
check_recorded(const struct stat *status,
               const struct credfile_identity *identity,
               struct err_cause *cause)
{
    if (status->st_ino != identity->inode)
        return say_stranger(cause);
    if ((uint64_t)status->st_size < identity->size)
        return err_set(cause, KS_ERR_FILE_KIND,
                       "it is shorter than it was; look at it and remove it "
                       "by hand");
    if (status->st_size > LARGEST)
        return err_set(cause, KS_ERR_FILE_KIND,
                       "it has grown over %d KiB; look at it and remove it "
                       "by hand",
                       LARGEST / 1024);
    return KS_OK;
}

/* Open what the O_PATH descriptor NODE stands for; -1 with errno. */
static int
open_node(int node, const struct stat *checked, int flags)
{
    char link[32];
    struct stat status;
    int fd;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", node);
    fd = open(link, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &status) == 0 && status.st_dev == checked->st_dev &&
        status.st_ino == checked->st_ino)
        return fd;
    (void)close(fd);
    errno = ESTALE;
    return -1;
}

/* Does WRITER alone have the file open?  A write lease is granted only then.
 * Where there are no leases, nothing can be said and nothing is. */
static enum ks_err
check_alone(int writer, struct err_cause *cause)
{
    struct medium medium;

    /* Another program that opens the file meanwhile breaks the lease, which is
     * told by SIGIO and would end this process; SIGURG does nothing. */
    if (fcntl(writer, F_SETSIG, SIGURG) != 0)
        return err_set_errno(cause, KS_ERR_INTERNAL, "F_SETSIG");
    if (fcntl(writer, F_SETLEASE, F_WRLCK) == 0) {
        if (fcntl(writer, F_SETLEASE, F_UNLCK) != 0)
            return err_set_errno(cause, KS_ERR_INTERNAL, "F_SETLEASE");
        return KS_OK;
    }
    if (errno != EAGAIN)
        return KS_OK;
    /* NFS and CIFS say EAGAIN because their server has not delegated it. */
    if (medium_survey(writer, &medium, NULL) == KS_OK &&
        medium.class == MEDIUM_REMOTE)
        return KS_OK;
    return err_set(cause, KS_ERR_FILE_BUSY, "a lease on it was refused");
}

/* The writer comes first: a second descriptor of ours would be another one
 * that has the file open. */
static enum ks_err
open_both(struct credfile *file, int node, struct err_cause *cause)
{
    enum ks_err rc;

    file->writer = open_node(node, &file->status, O_WRONLY);
    if (file->writer < 0)
        return err_set_errno(cause, KS_ERR_WIPE, "open it for writing");
    /* The C library makes faccessat2(2) of it, which containers' filters may
     * not know.  The older call asks for the real user, who is the effective
     * one: this is no set-uid program. */
    if (syscall(SYS_faccessat, file->directory, ".", W_OK | X_OK) != 0)
        return err_set_errno(cause, KS_ERR_WIPE, "write to its directory");
    rc = check_alone(file->writer, cause);
    if (rc != KS_OK)
        return rc;
    file->reader = open_node(node, &file->status, O_RDONLY);
    if (file->reader < 0)
        return credfile_directory_error(file->path, cause);
    return KS_OK;
}

/* The owner of the name is asked for first: nothing is said of a stranger but
 * that. */
static enum ks_err
open_file(struct credfile *file, const char *path,
          const struct credfile_identity *identity, struct err_cause *cause)
{
    enum ks_err rc = credfile_directory_walk(path, &file->path,
                                             &file->directory, cause);
    int node;

    if (rc != KS_OK)
        return rc;
    file->name = strrchr(file->path, '/') + 1;
    node = credfile_directory_open(file->directory, file->name, O_PATH);
    if (node < 0)
        return identity != NULL && errno == ELOOP
                   ? say_stranger(cause)
                   : credfile_directory_error(file->path, cause);
    if (fstat(node, &file->status) != 0)
        rc = credfile_directory_error(file->path, cause);
    else if (identity != NULL)
        rc = check_recorded(&file->status, identity, cause);
    if (rc == KS_OK)
        rc = check(file, cause);
    if (rc == KS_OK)
        rc = open_both(file, node, cause);
    (void)close(node);
    return rc;
}

static enum ks_err
open_path(const char *path, const struct credfile_identity *identity,
          struct credfile **ret, struct err_cause *cause)
{
    struct credfile *file = calloc(1, sizeof *file);
    enum ks_err rc;

    if (file == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    file->directory = file->reader = file->writer = -1;
    rc = open_file(file, path, identity, cause);
    if (rc == KS_OK) {
        *ret = file;
        file = NULL; /* transferred */
    }
    credfile_close(&file);
    return rc;
}

bool
credfile_may_own(uid_t uid)
{
    return credfile_directory_owner(uid);
}

enum ks_err
credfile_open(const char *path, struct credfile **ret, struct err_cause *cause)
{
    return open_path(path, NULL, ret, cause);
}

enum ks_err
credfile_reopen(const char *path, const struct credfile_identity *identity,
                struct credfile **ret, struct err_cause *cause)
{
    return open_path(path, identity, ret, cause);
}

static void
close_if_open(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

void
credfile_close(struct credfile **file)
{
    if (*file == NULL)
        return;
    close_if_open((*file)->reader);
    close_if_open((*file)->writer);
    close_if_open((*file)->directory);
    free((*file)->path);
    free(*file);
    *file = NULL;
}

int
credfile_reader(const struct credfile *file)
{
    return file->reader;
}

const char *
credfile_path(const struct credfile *file)
{
    return file->path;
}

void
credfile_identify(const struct credfile *file,
                  struct credfile_identity *identity)
{
    identity->device = file->status.st_dev;
    identity->inode = file->status.st_ino;
    identity->size = (uint64_t)file->status.st_size;
}
