/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/holdfast/state/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/file/credfile_mend.h"
#include "keystore/base/path_way.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

enum ks_err
state_place_default(char **ret, struct err_cause *cause)
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
check(const char *path, const struct stat *status, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    if (status->st_uid != 0 && status->st_uid != geteuid()) {
        rc = err_set(cause, KS_ERR_STATE_EXPOSED, "%.160s belongs to user %lu",
                     path, (unsigned long)status->st_uid);
    } else if (!S_ISLNK(status->st_mode) &&
               (status->st_mode & OTHERS_WRITE) != 0) {
        rc = err_set(cause, KS_ERR_STATE_EXPOSED, "others may write to it");
        credfile_mend(cause, "chmod go-w", path);
    }
    if (rc != KS_OK && cause != NULL)
        err_escape(cause->text);
    return rc;
}

/* Every directory and link on the way to PATH, and PATH itself, as far as they
 * are there. */
static enum ks_err
check_way(const char *path, bool *ret_missing, struct err_cause *cause)
{
    struct path_way way;
    enum ks_err rc = KS_OK;

    path_way_walk(path, true, &way);
    *ret_missing = way.end == PATH_WAY_MISSING;
    if (way.end == PATH_WAY_ANOTHERS || way.end == PATH_WAY_OPEN) {
        rc = check(way.step, &way.status, cause);
    } else if (way.end == PATH_WAY_FAILED) {
        errno = way.error;
        rc = err_set_errno(
            cause, errno == EACCES ? KS_ERR_PERMISSION : KS_ERR_STATE_WRITE,
            way.step != NULL ? way.step : path);
    }
    path_way_free(&way);
    return rc;
}

/* An earlier owner of the directory, or one of a looser mode, may have left
 * files there that are another's. */
static enum ks_err
check_inside(int directory, const char *path, struct err_cause *cause)
{
    static const char *const names[] = {STATE_FILE_NAME, STATE_FILE_NAME ".new",
                                        "lock",          "keys",
                                        "cache",         "pin-refused"};
    enum ks_err rc = KS_OK;

    for (size_t i = 0; rc == KS_OK && i < sizeof names / sizeof names[0]; i++) {
        struct stat status;
        char *full = NULL;

        if (fstatat(directory, names[i], &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (asprintf(&full, "%s/%s", path, names[i]) < 0)
            return err_set_errno(cause, KS_ERR_INTERNAL, "state directory");
        rc = check(full, &status, cause);
        free(full);
    }
    return rc;
}

/* Make every missing directory on the way. */
static void
make_directories(const char *path)
{
    char *copy = strdup(path);

    if (copy == NULL)
        return;
    for (char *slash = strchr(copy + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(copy,
                    slash[1 + strspn(slash + 1, "/")] != '\0' ? 0755 : 0700);
        *slash = '/';
    }
    free(copy);
    (void)mkdir(path, 0700);
}

enum ks_err
state_place_open(const char *path, bool create, int *ret,
                 struct err_cause *cause)
{
    bool missing = false;
    enum ks_err rc = check_way(path, &missing, cause);
    int directory;

    if (rc == KS_OK && missing && create) {
        make_directories(path);
        rc = check_way(path, &missing, cause);
    }
    if (rc != KS_OK)
        return rc;
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 && errno == ENOENT && !create)
        return err_set(cause, KS_ERR_NOT_REGISTERED, "no state in %s", path);
    if (directory < 0)
        return err_set_errno(
            cause, errno == EACCES ? KS_ERR_PERMISSION : KS_ERR_STATE_WRITE,
            path);
    rc = check_inside(directory, path, cause);
    if (rc == KS_OK)
        *ret = directory;
    else
        (void)close(directory);
    return rc;
}
