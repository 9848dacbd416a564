/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the file system of a file is mounted, as /proc/self/mountinfo says.
 */
#ifndef KEYSTORE_FILE_MEDIUM_MOUNT_H
#define KEYSTORE_FILE_MEDIUM_MOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct medium_mount {
    char type[24]; /* the file system's name, subtype included */
    bool no_swap;  /* tmpfs: never swapped out */
};

/* Find the mount numbered ID in MOUNTINFO, a file in the format of
 * proc_pid_mountinfo(5).  False: it is not in there. */
bool medium_mount_find(FILE *mountinfo, uint64_t id, struct medium_mount *ret);

#endif
