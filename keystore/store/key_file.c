/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, durably: temporary file, fsync, rename, fsync of the directory.
 * Never follows a link and never uses a path of more than one name. */
#include "keystore/store/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/base/write_all.h"

#define NAME_SIZE 64
#define OTHERS (S_IRWXG | S_IRWXO)

/* The error that errno stands for, with WHAT as its cause. */
static enum ks_err
file_error(struct err_cause *cause, const char *what)
{
    switch (errno) {
    case ENOENT:
        return err_set(cause, KS_ERR_KEY_MISSING, "no file of this id");
    case EEXIST:
        return err_set(cause, KS_ERR_KEY_OTHER, "a file of this id exists");
    case ENOSPC:
    case EDQUOT:
        return err_set_errno(cause, KS_ERR_TOKEN_FULL, what);
    case EACCES:
    case EPERM:
    case EROFS:
        return err_set_errno(cause, KS_ERR_PERMISSION, what);
    default:
        return err_set_errno(cause, KS_ERR_TOKEN_FAILED, what);
    }
}

enum ks_err
key_file_check_directory(int directory, struct err_cause *cause)
{
    struct stat status;

    if (fstat(directory, &status) != 0)
        return file_error(cause, "key directory");
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & OTHERS) != 0)
        return err_set(
            cause, KS_ERR_TOKEN_WEAK,
            "the key directory is not the caller's alone; chown it to "
            "who runs this, and chmod 700 it");
    return KS_OK;
}

enum ks_err
key_file_read(int directory, const char *name, size_t capacity,
              struct secret **ret, struct err_cause *cause)
{
    struct stat status;
    enum ks_err rc;
    int fd = openat(directory, name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return file_error(cause, "open a key file");
    if (fstat(fd, &status) != 0)
        rc = file_error(cause, "look at a key file");
    else if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
             (status.st_mode & OTHERS) != 0)
        rc = err_set(
            cause, KS_ERR_TOKEN_WEAK,
            "a key file is not the caller's alone; chown it to who runs "
            "this, and chmod 600 it");
    else
        rc = secret_read(fd, capacity, ret, cause);
    /* The store fails here, not a file that anybody gave. */
    if (rc == KS_ERR_FILE_READ)
        rc = KS_ERR_TOKEN_FAILED;
    (void)close(fd);
    return rc;
}

/* Writers come one at a time: they share the name of the temporary file. */
static enum ks_err
lock(int directory, struct err_cause *cause)
{
    while (flock(directory, LOCK_EX) != 0)
        if (errno != EINTR)
            return file_error(cause, "lock the key directory");
    return KS_OK;
}

static enum ks_err
write_temporary(int directory, const char *name, const struct secret *content,
                struct err_cause *cause)
{
    enum ks_err rc = KS_OK;
    int fd;

    /* A file that a crash left here was never a key. */
    if (unlinkat(directory, name, 0) != 0 && errno != ENOENT)
        return file_error(cause, "unlink an old temporary file");
    fd = openat(directory, name,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                S_IRUSR | S_IWUSR);
    if (fd < 0 && errno == ENOENT)
        return err_set(cause, KS_ERR_TOKEN_MISSING,
                       "the key directory was removed");
    if (fd < 0)
        return file_error(cause, "create a key file");
    if (!write_all(fd, secret_bytes(content), secret_length(content)) ||
        fsync(fd) != 0)
        rc = file_error(cause, "write a key file");
    if (close(fd) != 0 && rc == KS_OK)
        rc = file_error(cause, "close a key file");
    return rc;
}

static void
temporary_name(char ret[static NAME_SIZE], const char *name)
{
    (void)snprintf(ret, NAME_SIZE, "%s.new", name);
}

enum ks_err
key_file_write(int directory, const char *name, const struct secret *content,
               struct err_cause *cause)
{
    char temporary[NAME_SIZE];
    enum ks_err rc = lock(directory, cause);

    if (rc != KS_OK)
        return rc;
    temporary_name(temporary, name);
    rc = write_temporary(directory, temporary, content, cause);
    if (rc == KS_OK &&
        renameat2(directory, temporary, directory, name, RENAME_NOREPLACE) != 0)
        rc = file_error(cause, "rename a key file");
    if (rc != KS_OK)
        (void)unlinkat(directory, temporary, 0);
    else if (fsync(directory) != 0)
        rc = file_error(cause, "flush the key directory");
    (void)flock(directory, LOCK_UN);
    return rc;
}

enum ks_err
key_file_remove(int directory, const char *name, struct err_cause *cause)
{
    char temporary[NAME_SIZE];
    enum ks_err rc = lock(directory, cause);

    if (rc != KS_OK)
        return rc;
    temporary_name(temporary, name);
    if (unlinkat(directory, temporary, 0) != 0 && errno != ENOENT)
        rc = file_error(cause, "unlink a temporary file");
    else if (unlinkat(directory, name, 0) != 0)
        rc = file_error(cause, "unlink a key file");
    else if (fsync(directory) != 0)
        rc = file_error(cause, "flush the key directory");
    (void)flock(directory, LOCK_UN);
    return rc;
}

static int
write_zeros(int fd, off_t left)
{
    static const uint8_t zeros[64];

    while (left > 0) {
        size_t length = left < (off_t)sizeof zeros ? (size_t)left
                                                   : sizeof zeros;

        if (!write_all(fd, zeros, length))
            return -1;
        left -= (off_t)length;
    }
    return fsync(fd);
}

enum ks_err
key_file_overwrite(int directory, const char *name, struct err_cause *cause)
{
    struct stat status;
    enum ks_err rc = KS_OK;
    int fd = openat(directory, name,
                    O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return file_error(cause, "open a key file");
    if (fstat(fd, &status) != 0)
        rc = file_error(cause, "look at a key file");
    else if (S_ISREG(status.st_mode) && write_zeros(fd, status.st_size) != 0)
        rc = file_error(cause, "overwrite a key file");
    (void)close(fd);
    return rc;
}
