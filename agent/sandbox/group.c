/* SPDX-License-Identifier: Apache-2.0 */
/* No failure is reported here: a token that stays out of reach is reported when
 * it is opened.  The places are looked at, and no group is asked for by its
 * name: that might load a library of the name service's (nsswitch.conf(5)) into
 * a process with secrets. */
#include "agent/sandbox/group.h"

#include <glob.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOR_GROUP (S_IRGRP | S_IWGRP)

/* glob(7).  openCryptoki's daemon gives its sockets and its memory to the group
 * of its directory. */
static const char *const places[] = {"/dev/tpmrm[0-9]*", "/run/opencryptoki",
                                     "/var/lib/opencryptoki"};

/* The groups of this process, and room for MORE behind them. */
static gid_t *
list_groups(size_t more, size_t *ret_count)
{
    int count = getgroups(0, NULL);
    gid_t *groups;

    if (count < 0)
        return NULL;
    groups = calloc((size_t)count + more, sizeof *groups);
    if (groups != NULL && getgroups(count, groups) != count) {
        free(groups);
        return NULL;
    }
    *ret_count = (size_t)count;
    return groups;
}

void
sandbox_group_join(void)
{
    glob_t found = {.gl_pathc = 0};
    gid_t *groups = NULL;
    size_t before = 0, count;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        (void)glob(places[i], GLOB_NOSORT | (i > 0 ? GLOB_APPEND : 0), NULL,
                   &found);
    groups = list_groups(found.gl_pathc, &before);
    count = before;
    for (size_t i = 0; groups != NULL && i < found.gl_pathc; i++) {
        struct stat status;

        if (stat(found.gl_pathv[i], &status) == 0 &&
            (S_ISCHR(status.st_mode) || S_ISDIR(status.st_mode)) &&
            (status.st_mode & FOR_GROUP) == FOR_GROUP)
            groups[count++] = status.st_gid;
    }
    if (count > before)
        (void)setgroups(count, groups);
    free(groups);
    globfree(&found);
}
