/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts are told apart by their number, not by path or device: paths are
 * escaped and stacked, and the devices of btrfs are not those of its files. */
#include "keystore/file/medium_mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
has_option(const char *options, const char *wanted)
{
    size_t length = strlen(wanted);

    for (const char *at = options; *at != '\0';) {
        size_t part = strcspn(at, ",");

        if (part == length && strncmp(at, wanted, length) == 0)
            return true;
        at += part;
        at += *at == ',';
    }
    return false;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root
 * rw,errors=continue" The fields before the dash vary in number. */
static bool
read_mount(char *line, uint64_t id, struct medium_mount *ret)
{
    char *rest = NULL;
    char *end = NULL;
    const char *type, *options;

    if (strtoull(line, &end, 10) != id || end == line || *end != ' ')
        return false;
    end = strstr(end, " - ");
    if (end == NULL)
        return false;
    type = strtok_r(end + strlen(" - "), " \n", &rest);
    options = strtok_r(NULL, " \n", &rest) != NULL
                  ? strtok_r(NULL, " \n", &rest)
                  : NULL;
    if (type == NULL || options == NULL)
        return false;
    (void)snprintf(ret->type, sizeof ret->type, "%s", type);
    ret->no_swap = has_option(options, "noswap");
    return true;
}

bool
medium_mount_find(FILE *mountinfo, uint64_t id, struct medium_mount *ret)
{
    char *line = NULL;
    size_t size = 0;
    bool found = false;

    while (!found && getline(&line, &size, mountinfo) >= 0)
        found = read_mount(line, id, ret);
    free(line);
    return found;
}
