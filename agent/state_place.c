/* SPDX-License-Identifier: Apache-2.0 */
/* The way is looked at by names, first as it was given and then as it really
 * is.  That is no race: a way that passes can be changed by root and the caller
 * alone. */
#include "agent/state_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/state_file.h"
#include "keystore/credfile_mend.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

static enum ks_err
check(const char *path, const struct stat *status, bool sticky_will_do,
      struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    if (status->st_uid != 0 && status->st_uid != geteuid()) {
        rc = err_set(cause, KS_ERR_STATE_EXPOSED, "%.160s belongs to user %lu",
                     path, (unsigned long)status->st_uid);
    } else if (!S_ISLNK(status->st_mode) &&
               (status->st_mode & OTHERS_WRITE) != 0 &&
               !(sticky_will_do && (status->st_mode & S_ISVTX) != 0)) {
        rc = err_set(cause, KS_ERR_STATE_EXPOSED, "others may write to it");
        credfile_mend(cause, "chmod go-w", path);
    }
    if (rc != KS_OK && cause != NULL)
        err_escape(cause->text);
    return rc;
}

static enum ks_err
check_step(const char *path, bool last, bool *ret_missing,
           struct err_cause *cause)
{
    struct stat status;

    if (lstat(path, &status) == 0)
        return check(path, &status, !last, cause);
    *ret_missing = errno == ENOENT;
    return *ret_missing ? KS_OK
                        : err_set_errno(cause,
                                        errno == EACCES ? KS_ERR_PERMISSION
                                                        : KS_ERR_STATE_WRITE,
                                        path);
}

/* Every directory on the way to the absolute PATH, which is spoilt, and PATH
 * itself, as far as they are there. */
static enum ks_err
check_way(char *path, struct err_cause *cause)
{
    bool missing = false;
    enum ks_err rc = check_step("/", false, &missing, cause);

    for (char *end = path; rc == KS_OK && !missing && *end != '\0';) {
        char after;

        end += strspn(end, "/");
        end += strcspn(end, "/");
        after = *end;
        *end = '\0';
        rc = check_step(path, after == '\0', &missing, cause);
        *end = after;
    }
    return rc;
}

/* PATH from the root on, without slashes at its end; the caller frees it. */
static char *
make_absolute(const char *path)
{
    char *here = *path == '/' ? strdup("") : getcwd(NULL, 0);
    char *ret = NULL;

    if (here != NULL &&
        asprintf(&ret, "%s%s%s", here, *path == '/' ? "" : "/", path) < 0)
        ret = NULL;
    for (size_t i = ret != NULL ? strlen(ret) : 0; i > 1 && ret[i - 1] == '/';
         i--)
        ret[i - 1] = '\0';
    free(here);
    return ret;
}

static enum ks_err
check_given_way(const char *path, struct err_cause *cause)
{
    char *absolute = make_absolute(path);
    enum ks_err rc = absolute != NULL
                         ? check_way(absolute, cause)
                         : err_set_errno(cause, KS_ERR_STATE_WRITE, path);

    free(absolute);
    return rc;
}

static enum ks_err
check_real_way(int directory, struct err_cause *cause)
{
    char link[64];
    char *real;
    enum ks_err rc;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    real = realpath(link, NULL);
    rc = real != NULL ? check_way(real, cause)
                      : err_set_errno(cause, KS_ERR_STATE_WRITE,
                                      "the state directory's real path");
    free(real);
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
        rc = check(full, &status, false, cause);
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
    enum ks_err rc = check_given_way(path, cause);
    int directory;

    if (rc != KS_OK)
        return rc;
    if (create)
        make_directories(path);
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 && errno == ENOENT && !create)
        return err_set(cause, KS_ERR_NOT_REGISTERED, "no state in %s", path);
    if (directory < 0)
        return err_set_errno(
            cause, errno == EACCES ? KS_ERR_PERMISSION : KS_ERR_STATE_WRITE,
            path);
    rc = check_real_way(directory, cause);
    if (rc == KS_OK)
        rc = check_inside(directory, path, cause);
    if (rc == KS_OK)
        *ret = directory;
    else
        (void)close(directory);
    return rc;
}
