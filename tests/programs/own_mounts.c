/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/programs/own_mounts.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

/* proc(5): a mount that hands on to others what is mounted below. */
static bool
something_is_shared(void)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[4096];
    bool shared = file == NULL;

    while (!shared && fgets(line, sizeof line, file) != NULL)
        shared = strstr(line, " shared:") != NULL;
    if (file != NULL)
        (void)fclose(file);
    return shared;
}

/* In a chroot the root is no mount, and cannot be made one's own: its maker
 * must have seen to that. */
bool
own_mounts(void)
{
    if (unshare(CLONE_NEWNS) != 0)
        return false;
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        return true;
    return errno == EINVAL && !something_is_shared();
}
