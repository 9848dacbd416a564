/* SPDX-License-Identifier: Apache-2.0 */
/* A name that is missing says that a file is gone only where its directory is
 * there: a disk that is not mounted has its files still. */
#include "keystore/file/credfile_place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Is the directory of PATH there, on DEVICE? */
static bool
has_directory(const char *path, uint64_t device)
{
    struct stat status;
    char *directory = strdup(path);
    char *slash = directory != NULL ? strrchr(directory, '/') : NULL;
    bool there;

    if (slash != NULL)
        slash[slash == directory] = '\0';
    there = slash != NULL && stat(directory, &status) == 0 &&
            S_ISDIR(status.st_mode) && status.st_dev == device;
    free(directory);
    return there;
}

enum credfile_place
credfile_place(const char *path, uint64_t device)
{
    struct stat now;

    if (lstat(path, &now) == 0)
        return CREDFILE_NAMED;
    return errno == ENOENT && has_directory(path, device) ? CREDFILE_GONE
                                                          : CREDFILE_AWAY;
}
