/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for a module's file, and for what names it: whoever may write to
 * either is root in the process that loads it.  Must load nothing itself. */
#include "hsm/pkcs11/path.h"

#include <errno.h>
#include <string.h>

#include "keystore/base/path_way.h"

static enum ks_err
refuse(const struct path_way *way, const char *path, struct err_cause *cause)
{
    const char *step = way->step != NULL && way->end != PATH_WAY_MISSING
                           ? way->step
                           : path;

    if (way->end == PATH_WAY_ANOTHERS || way->end == PATH_WAY_OPEN)
        return err_set(
            cause, KS_ERR_TOKEN_MODULE,
            "others than root and the caller may change %s; have root "
            "own it, and let nobody else write to it",
            step);
    errno = way->error;
    return err_set_errno(cause, KS_ERR_TOKEN_MODULE, step);
}

static enum ks_err
resolve(const char *path, mode_t type, char ret[static PKCS11_PATH_SIZE],
        struct err_cause *cause)
{
    struct path_way way;
    enum ks_err rc = KS_OK;

    if (path[0] != '/')
        return err_set(cause, KS_ERR_TOKEN_MODULE,
                       "its path is not absolute; begin it with /");
    path_way_walk(path, type == S_IFDIR, &way);
    if (way.end != PATH_WAY_WHOLE)
        rc = refuse(&way, path, cause);
    else if ((way.status.st_mode & S_IFMT) != type)
        rc = err_set(cause, KS_ERR_TOKEN_MODULE, "%s is no %s", way.step,
                     type == S_IFREG ? "regular file" : "directory");
    else if (strlen(way.step) >= PKCS11_PATH_SIZE)
        rc = err_set(cause, KS_ERR_TOKEN_MODULE, "its path is too long");
    else
        memcpy(ret, way.step, strlen(way.step) + 1);
    path_way_free(&way);
    if (rc != KS_OK && cause != NULL)
        err_escape(cause->text); /* names the path as it was given */
    return rc;
}

enum ks_err
pkcs11_path_resolve(const char *path, char ret[static PKCS11_PATH_SIZE],
                    struct err_cause *cause)
{
    return resolve(path, S_IFREG, ret, cause);
}

enum ks_err
pkcs11_path_directory(const char *path, char ret[static PKCS11_PATH_SIZE],
                      struct err_cause *cause)
{
    return resolve(path, S_IFDIR, ret, cause);
}
