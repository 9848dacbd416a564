/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for a module's file, and for what names it: whoever may write to
 * either is root in the process that loads it.  Must load nothing itself. */
#include "hsm/pkcs11_path.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Could others than root and OWNER have changed what STATUS is of? */
static bool
is_trusted(const struct stat *status, uid_t owner)
{
    bool sticky = S_ISDIR(status->st_mode) &&
                  (status->st_mode & S_ISVTX) != 0 && status->st_uid == 0;

    if (status->st_uid != 0 && status->st_uid != owner)
        return false;
    return sticky || (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* One step of the real path, which is of TYPE (S_IFMT). */
static enum ks_err
check_step(const char *path, mode_t type, uid_t owner, struct err_cause *cause)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return err_set_errno(cause, KS_ERR_TOKEN_MODULE, path);
    if ((status.st_mode & S_IFMT) != type)
        return err_set(cause, KS_ERR_TOKEN_MODULE, "%s is no %s", path,
                       type == S_IFREG ? "regular file" : "directory");
    if (!is_trusted(&status, owner))
        return err_set(
            cause, KS_ERR_TOKEN_MODULE, "others than root%s may change %s",
            owner != 0 || geteuid() == 0 ? " and the caller" : "", path);
    return KS_OK;
}

/* Directories, and at its end something of TYPE. */
static enum ks_err
check_path(const char *real, mode_t type, uid_t owner, struct err_cause *cause)
{
    char step[PKCS11_PATH_SIZE];
    enum ks_err rc = check_step("/", S_IFDIR, owner, cause);

    for (size_t i = 1; rc == KS_OK && real[i - 1] != '\0'; i++) {
        if (real[i] != '/' && real[i] != '\0')
            continue;
        memcpy(step, real, i);
        step[i] = '\0';
        rc = check_step(step, real[i] == '\0' ? type : S_IFDIR, owner, cause);
    }
    return rc;
}

static enum ks_err
resolve(const char *path, mode_t type, uid_t owner,
        char ret[static PKCS11_PATH_SIZE], struct err_cause *cause)
{
    char *real = NULL;
    enum ks_err rc;

    if (path[0] != '/')
        return err_set(cause, KS_ERR_TOKEN_MODULE, "its path is not absolute");
    real = realpath(path, NULL);
    if (real == NULL)
        rc = err_set_errno(cause, KS_ERR_TOKEN_MODULE, path);
    else if (strlen(real) >= PKCS11_PATH_SIZE)
        rc = err_set(cause, KS_ERR_TOKEN_MODULE, "its path is too long");
    else
        rc = check_path(real, type, owner, cause);
    if (rc == KS_OK)
        memcpy(ret, real, strlen(real) + 1);
    free(real);
    if (rc != KS_OK && cause != NULL)
        err_escape(cause->text); /* names the path as it was given */
    return rc;
}

enum ks_err
pkcs11_path_resolve(const char *path, char ret[static PKCS11_PATH_SIZE],
                    struct err_cause *cause)
{
    return resolve(path, S_IFREG, geteuid(), ret, cause);
}

enum ks_err
pkcs11_path_directory(const char *path, char ret[static PKCS11_PATH_SIZE],
                      struct err_cause *cause)
{
    return resolve(path, S_IFDIR, geteuid(), ret, cause);
}

enum ks_err
pkcs11_path_of(const char *path, uid_t owner, char ret[static PKCS11_PATH_SIZE],
               struct err_cause *cause)
{
    return resolve(path, S_IFREG, owner, ret, cause);
}
