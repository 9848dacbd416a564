/* SPDX-License-Identifier: Apache-2.0 */
/* A path comes from whoever made the file: it must not become a command of its
 * own in the operator's shell. */
#include "keystore/file/credfile_mend.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* PATH in single quotes (POSIX shell, 2.2.2) into RET of SIZE bytes. */
static bool
quote(const char *path, char *ret, size_t size)
{
    static const char apostrophe[] = "'\\''";
    size_t length = 0;

    /* Text behind "; " passes for a remedy (keystore/base/err.h). */
    if (size < sizeof apostrophe || strstr(path, "; ") != NULL)
        return false;
    ret[length++] = '\'';
    for (; *path != '\0'; path++) {
        if (*path < ' ' || *path > '~' || length + sizeof apostrophe + 1 > size)
            return false;
        if (*path == '\'') {
            memcpy(ret + length, apostrophe, sizeof apostrophe - 1);
            length += sizeof apostrophe - 1;
        } else {
            ret[length++] = *path;
        }
    }
    ret[length++] = '\'';
    ret[length] = '\0';
    return true;
}

void
credfile_mend(struct err_cause *cause, const char *command, const char *path)
{
    char quoted[sizeof cause->text];
    size_t used, room;

    if (cause == NULL)
        return;
    used = strlen(cause->text);
    room = sizeof cause->text - used;
    if (strlen(command) + sizeof ": " >= room ||
        !quote(path, quoted, room - strlen(command) - sizeof ": "))
        (void)strcpy(quoted, "FILE");
    (void)snprintf(cause->text + used, room, ": %s %s", command, quoted);
}
