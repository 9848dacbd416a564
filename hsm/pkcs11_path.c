/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for a module's file: whoever may write to it is root in the process
 * that loads it.  Must load nothing itself. */
#include "hsm/pkcs11_path.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Could others than root and the caller have changed what STATUS is of? */
static bool
is_trusted(const struct stat *status)
{
    bool sticky = S_ISDIR(status->st_mode) &&
                  (status->st_mode & S_ISVTX) != 0 && status->st_uid == 0;

    if (status->st_uid != 0 && status->st_uid != geteuid())
        return false;
    return sticky || (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* One step of the real path: a directory, or at its end the file. */
static enum ks_err
check_step(const char *path, bool last, struct err_cause *cause)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return err_set_errno(cause, KS_ERR_TOKEN_MODULE, path);
    if (last && !S_ISREG(status.st_mode))
        return err_set(cause, KS_ERR_TOKEN_MODULE, "%s is no regular file",
                       path);
    if (!is_trusted(&status))
        return err_set(cause, KS_ERR_TOKEN_MODULE,
                       "others than root and the caller may change %s", path);
    return KS_OK;
}

static enum ks_err
check_path(const char *real, struct err_cause *cause)
{
    char step[PKCS11_PATH_SIZE];
    enum ks_err rc = check_step("/", false, cause);

    for (size_t i = 1; rc == KS_OK && real[i - 1] != '\0'; i++) {
        if (real[i] != '/' && real[i] != '\0')
            continue;
        memcpy(step, real, i);
        step[i] = '\0';
        rc = check_step(step, real[i] == '\0', cause);
    }
    return rc;
}

enum ks_err
pkcs11_path_resolve(const char *path, char ret[static PKCS11_PATH_SIZE],
                    struct err_cause *cause)
{
    char *real = NULL;
    enum ks_err rc;

    if (path[0] != '/')
        return err_set(cause, KS_ERR_TOKEN_MODULE, "its path is not absolute");
    real = realpath(path, NULL);
    if (real == NULL)
        return err_set_errno(cause, KS_ERR_TOKEN_MODULE, path);
    if (strlen(real) >= PKCS11_PATH_SIZE)
        rc = err_set(cause, KS_ERR_TOKEN_MODULE, "its path is too long");
    else
        rc = check_path(real, cause);
    if (rc == KS_OK)
        memcpy(ret, real, strlen(real) + 1);
    free(real);
    return rc;
}
