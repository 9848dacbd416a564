/* SPDX-License-Identifier: Apache-2.0 */
/* Reads sysfs, never a device.  Device mapper stacks are followed down to the
 * disks, through their slaves. */
#include "keystore/file/medium_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Deeper stacks than this are nobody's. */
#define DEPTH_MAX 8
#define UUID_SIZE 160

/* The first line of FILE; "" where there is none. */
static void
read_line(int device, const char *file, char *ret, size_t size)
{
    int fd = openat(device, file, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, ret, size - 1) : -1;

    ret[length > 0 ? length : 0] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
    if (fd >= 0)
        (void)close(fd);
}

static bool
ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* A partition has no queue of its own, but lies in its disk's directory. */
static bool
is_flash(int device)
{
    char rotational[8];

    read_line(device, "queue/rotational", rotational, sizeof rotational);
    if (*rotational == '\0')
        read_line(device, "../queue/rotational", rotational, sizeof rotational);
    return strcmp(rotational, "0") == 0;
}

static void look(int device, int depth, struct medium_disk *ret);

/* Add up what the devices below are; false where there are none. */
static bool
look_at_slaves(int device, int depth, struct medium_disk *ret)
{
    int fd = openat(device, "slaves", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *slaves = fd >= 0 ? fdopendir(fd) : NULL;
    struct medium_disk all = {.encrypted = true};
    bool any = false;

    if (slaves == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    for (const struct dirent *entry; (entry = readdir(slaves)) != NULL;) {
        int slave = *entry->d_name == '.'
                        ? -1
                        : openat(fd, entry->d_name,
                                 O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct medium_disk below = {.flash = false};

        if (slave < 0)
            continue;
        look(slave, depth + 1, &below);
        (void)close(slave);
        any = true;
        all.flash = all.flash || below.flash;
        all.snapshots = all.snapshots || below.snapshots;
        all.encrypted = all.encrypted && below.encrypted;
    }
    (void)closedir(slaves);
    if (any)
        *ret = all;
    return any;
}

/* LVM names the hidden device below an origin with snapshots "-real", and a
 * thin pool "-tpool". */
static void
look(int device, int depth, struct medium_disk *ret)
{
    char uuid[UUID_SIZE];
    struct medium_disk below = {.flash = false};

    if (depth < DEPTH_MAX)
        (void)look_at_slaves(device, depth, &below);
    read_line(device, "dm/uuid", uuid, sizeof uuid);
    ret->flash = is_flash(device) || below.flash;
    ret->encrypted = strncmp(uuid, "CRYPT-", strlen("CRYPT-")) == 0 ||
                     below.encrypted;
    ret->snapshots = ends_with(uuid, "-real") || ends_with(uuid, "-tpool") ||
                     below.snapshots;
}

void
medium_disk_look(int device, struct medium_disk *ret)
{
    look(device, 0, ret);
}
