/* SPDX-License-Identifier: Apache-2.0 */
/* From the root to the credential file's directory.  Every step is taken from
 * the directory checked before it, so that nothing checked can be exchanged. */
#include "keystore/file/credfile_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keystore/file/credfile_mend.h"
#include "keystore/base/kernel_call.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

/* Where the walk stands: an O_PATH descriptor, and what it is called. */
struct walk {
    int directory;
    char *path; /* "" is the root */
};

int
credfile_directory_open(int directory, const char *name, int flags)
{
    struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC),
                           .resolve = RESOLVE_NO_SYMLINKS |
                                      RESOLVE_NO_MAGICLINKS};

    return (int)syscall(SYS_openat2, directory, name, &how, sizeof how);
}

/* SUDO_UID, or no user's number. */
static uid_t
sudo_uid(void)
{
    const char *text = secure_getenv("SUDO_UID");
    unsigned long long number;

    if (geteuid() != 0 || text == NULL || *text == '\0' ||
        text[strspn(text, "0123456789")] != '\0')
        return (uid_t)-1;
    errno = 0;
    number = strtoull(text, NULL, 10);
    return errno == 0 && number < (uid_t)-1 ? (uid_t)number : (uid_t)-1;
}

bool
credfile_directory_owner(uid_t uid)
{
    return uid != (uid_t)-1 &&
           (uid == 0 || uid == geteuid() || uid == sudo_uid());
}

enum ks_err
credfile_directory_error(const char *path, struct err_cause *cause)
{
    enum ks_err rc = kernel_call_check(KERNEL_CALL_OPENAT2, cause);
    char *real = NULL;

    if (rc != KS_OK)
        return rc;
    switch (errno) {
    case ELOOP:
        real = realpath(path, NULL);
        rc = err_set(cause, KS_ERR_FILE_KIND, "%s is a symbolic link%s%s", path,
                     real != NULL ? " to " : "", real != NULL ? real : "");
        free(real);
        break;
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        rc = err_set_errno(cause, KS_ERR_FILE_MISSING, path);
        break;
    case EACCES:
    case EPERM:
        rc = err_set_errno(cause, KS_ERR_PERMISSION, path);
        break;
    default:
        rc = err_set_errno(cause, KS_ERR_FILE_READ, path);
        break;
    }
    if (cause != NULL)
        err_escape(cause->text);
    return rc;
}

/* Nothing of a foreign directory can be mended from here; of our own, the
 * mode. */
static enum ks_err
check(const struct walk *walk, struct err_cause *cause)
{
    const char *name = *walk->path != '\0' ? walk->path : "/";
    struct stat status;
    enum ks_err rc = KS_OK;

    if (fstat(walk->directory, &status) != 0)
        return credfile_directory_error(name, cause);
    if (!credfile_directory_owner(status.st_uid)) {
        rc = err_set(cause, KS_ERR_FILE_EXPOSED,
                     "directory %s belongs to user %lu", name,
                     (unsigned long)status.st_uid);
    } else if ((status.st_mode & OTHERS_WRITE) != 0 &&
               (status.st_mode & S_ISVTX) == 0) {
        rc = err_set(cause, KS_ERR_FILE_EXPOSED,
                     "others may write to its directory (mode %04o)",
                     status.st_mode & 07777);
        credfile_mend(cause, "chmod go-w", name);
    }
    if (rc != KS_OK && cause != NULL)
        err_escape(cause->text);
    return rc;
}

/* Note that the walk went into NAME; the path was made long enough. */
static void
rename_walk(struct walk *walk, const char *name)
{
    char *end = walk->path + strlen(walk->path);

    if (strcmp(name, ".") == 0)
        return;
    if (strcmp(name, "..") == 0) {
        end = strrchr(walk->path, '/');
        if (end != NULL)
            *end = '\0';
        return;
    }
    *end++ = '/';
    (void)strcpy(end, name);
}

static enum ks_err
step(struct walk *walk, const char *name, struct err_cause *cause)
{
    int next = credfile_directory_open(walk->directory, name,
                                       O_PATH | O_DIRECTORY);

    if (next >= 0) {
        (void)close(walk->directory);
        walk->directory = next;
    }
    rename_walk(walk, name);
    if (next < 0)
        return credfile_directory_error(walk->path, cause);
    return check(walk, cause);
}

/* All of TEXT, which is spoilt, but its last component, which is left in
 * *RET_LAST. */
static enum ks_err
step_to_last(struct walk *walk, char *text, const char **ret_last,
             struct err_cause *cause)
{
    char *rest = NULL;
    const char *last = strtok_r(text, "/", &rest);
    enum ks_err rc = check(walk, cause);

    for (const char *name; rc == KS_OK && last != NULL &&
                           (name = strtok_r(NULL, "/", &rest)) != NULL;
         last = name)
        rc = step(walk, last, cause);
    if (rc != KS_OK)
        return rc;
    if (last == NULL || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return err_set(cause, KS_ERR_FILE_KIND, "a directory");
    *ret_last = last;
    return KS_OK;
}

/* For flushing and for looking around O_PATH is not enough. */
static enum ks_err
open_for_reading(const struct walk *walk, int *ret, struct err_cause *cause)
{
    int directory = openat(walk->directory, ".",
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (directory < 0)
        return credfile_directory_error(*walk->path != '\0' ? walk->path : "/",
                                        cause);
    *ret = directory;
    return KS_OK;
}

static char *
make_absolute(const char *path)
{
    char *here = NULL;
    char *ret = NULL;

    if (*path == '/')
        return strdup(path);
    here = getcwd(NULL, 0);
    /* A directory out of this root has a name that leads nowhere. */
    if (here != NULL && *here != '/')
        errno = ENOENT;
    else if (here != NULL && asprintf(&ret, "%s/%s", here, path) < 0)
        ret = NULL;
    free(here);
    return ret;
}

enum ks_err
credfile_directory_walk(const char *path, char **ret_path, int *ret_directory,
                        struct err_cause *cause)
{
    struct walk walk = {.directory = -1};
    const char *last = NULL;
    char *text = NULL;
    enum ks_err rc;

    if (*path == '\0') {
        errno = ENOENT;
        return credfile_directory_error("\"\"", cause);
    }
    if (path[strlen(path) - 1] == '/')
        return err_set(cause, KS_ERR_FILE_KIND, "a directory");
    text = make_absolute(path);
    if (text != NULL) {
        walk.path = calloc(1, strlen(text) + 1);
        walk.directory = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (walk.path == NULL || walk.directory < 0) {
        rc = credfile_directory_error(path, cause);
        goto out;
    }
    rc = step_to_last(&walk, text, &last, cause);
    if (rc == KS_OK)
        rc = open_for_reading(&walk, ret_directory, cause);
    if (rc != KS_OK)
        goto out;
    rename_walk(&walk, last);
    *ret_path = walk.path;
    walk.path = NULL; /* transferred */
out:
    if (walk.directory >= 0)
        (void)close(walk.directory);
    free(walk.path);
    free(text);
    return rc;
}
