/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fresh_directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

bool
fresh_directory(const char *purpose, char ret[static FRESH_DIRECTORY])
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(ret, FRESH_DIRECTORY, "%s/%s-XXXXXX",
                          parent != NULL && parent[0] == '/' ? parent : "/tmp",
                          purpose);

    if (length >= FRESH_DIRECTORY)
        errno = ENAMETOOLONG;
    if (length < FRESH_DIRECTORY && mkdtemp(ret) != NULL)
        return true;
    ret[0] = '\0'; /* half a path may be somebody's, and whole trees go */
    return false;
}
