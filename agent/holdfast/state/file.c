/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory and its one file, replaced as a whole or not at all. */
#include "agent/holdfast/state/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/state/state.h"
#include "agent/holdfast/state/place.h"

#define TEMPORARY_NAME STATE_FILE_NAME ".new"
#define STATE_FILE_MAX (256 * 1024)

enum ks_err
state_default_directory(char **ret, struct err_cause *cause)
{
    const char *base = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;
    int length;

    if (geteuid() == 0)
        length = asprintf(&path, "/var/lib/holdfast");
    else if (base != NULL && *base == '/')
        length = asprintf(&path, "%s/holdfast", base);
    else if (home != NULL && *home == '/')
        length = asprintf(&path, "%s/.local/state/holdfast", home);
    else
        return err_set(cause, KS_ERR_USAGE, "no HOME; give --state-dir");
    if (length < 0)
        return err_set_errno(cause, KS_ERR_INTERNAL, "state directory");
    *ret = path;
    return KS_OK;
}

static enum ks_err
open_all(struct state_file *file, const char *path, bool create,
         struct err_cause *cause)
{
    enum ks_err rc = state_place_open(path, create, &file->directory, cause);

    if (rc != KS_OK)
        return rc;
    (void)mkdirat(file->directory, "keys", 0700);
    file->keys = openat(file->directory, "keys",
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    file->lock = openat(file->directory, "lock",
                        O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file->keys < 0 || file->lock < 0)
        return err_set_errno(cause, KS_ERR_STATE_WRITE, path);
    if (flock(file->lock, LOCK_EX | LOCK_NB) != 0)
        return err_set(cause, KS_ERR_BUSY, "%s is locked", path);
    return KS_OK;
}

enum ks_err
state_file_open(const char *path, bool create, struct state_file *ret,
                struct err_cause *cause)
{
    enum ks_err rc;

    *ret = (struct state_file){.directory = -1, .keys = -1, .lock = -1};
    rc = open_all(ret, path, create, cause);
    if (rc != KS_OK)
        state_file_close(ret);
    return rc;
}

void
state_file_close(struct state_file *file)
{
    const int all[] = {file->keys, file->lock, file->directory};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] >= 0)
            (void)close(all[i]);
    *file = (struct state_file){.directory = -1, .keys = -1, .lock = -1};
}

static char *
read_all(int directory, const char *name, size_t *ret_length)
{
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char *text = fd >= 0 ? malloc(STATE_FILE_MAX) : NULL;
    size_t length = 0;
    ssize_t n = -1;
    int why;

    if (text != NULL) {
        while (length < STATE_FILE_MAX &&
               (n = read(fd, text + length, STATE_FILE_MAX - length)) > 0)
            length += (size_t)n;
    }
    why = errno;
    if (fd >= 0)
        (void)close(fd);
    if (n != 0) {
        free(text);
        errno = n > 0 ? EFBIG : why;
        return NULL;
    }
    *ret_length = length;
    return text;
}

char *
state_file_read(const struct state_file *file, size_t *ret_length)
{
    return read_all(file->directory, STATE_FILE_NAME, ret_length);
}

bool
state_file_write(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, text, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        length -= (size_t)n;
    }
    return true;
}

/* A medium's answer is not always what it took. */
static bool
reads_back(int directory, const char *text, size_t length)
{
    size_t back_length = 0;
    char *back = read_all(directory, TEMPORARY_NAME, &back_length);
    bool same = back != NULL && back_length == length &&
                memcmp(back, text, length) == 0;

    if (back != NULL && !same)
        errno = EIO;
    free(back);
    return same;
}

bool
state_file_replace(const struct state_file *file, const char *text,
                   size_t length)
{
    int directory = file->directory;
    int fd = openat(directory, TEMPORARY_NAME,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                    0600);
    bool done = fd >= 0 && state_file_write(fd, text, length) && fsync(fd) == 0;

    if (fd >= 0)
        done = close(fd) == 0 && done;
    return done && reads_back(directory, text, length) &&
           renameat(directory, TEMPORARY_NAME, directory, STATE_FILE_NAME) ==
               0 &&
           fsync(directory) == 0;
}

bool
state_file_remove(const struct state_file *file)
{
    return (unlinkat(file->directory, STATE_FILE_NAME, 0) == 0 ||
            errno == ENOENT) &&
           fsync(file->directory) == 0;
}

bool
state_file_remove_keys(const struct state_file *file, const char *prefix)
{
    int fd = openat(file->keys, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *keys = fd >= 0 ? fdopendir(fd) : NULL;
    size_t length = strlen(prefix);
    const struct dirent *entry;
    bool done = keys != NULL;

    if (keys == NULL && fd >= 0)
        (void)close(fd);
    while (done && (entry = readdir(keys)) != NULL)
        if (strncmp(entry->d_name, prefix, length) == 0 &&
            entry->d_name[length] == '.')
            done = unlinkat(file->keys, entry->d_name, 0) == 0;
    done = done && fsync(file->keys) == 0;
    if (keys != NULL)
        (void)closedir(keys);
    return done;
}
