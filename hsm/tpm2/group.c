/* SPDX-License-Identifier: Apache-2.0 */
/* A device that cannot be opened in the end is told of when it is opened. */
#include "hsm/tpm2/group.h"

#include <glob.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICES "/dev/tpmrm[0-9]*"
#define FOR_GROUP (S_IRGRP | S_IWGRP)

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
tpm2_group_join(void)
{
    glob_t devices;
    gid_t *groups = NULL;
    size_t before = 0, count;

    if (glob(DEVICES, GLOB_NOSORT, NULL, &devices) != 0)
        return;
    groups = list_groups(devices.gl_pathc, &before);
    count = before;
    for (size_t i = 0; groups != NULL && i < devices.gl_pathc; i++) {
        struct stat status;

        if (stat(devices.gl_pathv[i], &status) == 0 &&
            S_ISCHR(status.st_mode) &&
            (status.st_mode & FOR_GROUP) == FOR_GROUP)
            groups[count++] = status.st_gid;
    }
    if (count > before)
        (void)setgroups(count, groups);
    free(groups);
    globfree(&devices);
}
