/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on a file system.  In place is said only where every question
 * that could speak against it was answered; must never open a device. */
#include "keystore/file/medium.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "keystore/file/medium_disk.h"
#include "keystore/file/medium_journal.h"
#include "keystore/file/medium_mount.h"
#include "keystore/file/medium_system.h"

#define EXTENTS 16 /* asked for at a time */

static void
add(char *text, size_t size, const char *more)
{
    size_t length = strlen(text);

    (void)snprintf(text + length, size - length, "%s%s", length > 0 ? "; " : "",
                   more);
}

/* The first reason stays: it is the weightiest. */
static void
lower(struct medium *medium, const char *reason)
{
    if (medium->class != MEDIUM_IN_PLACE)
        return;
    medium->class = MEDIUM_RESIDUE;
    (void)snprintf(medium->reason, sizeof medium->reason, "%s", reason);
}

static void
classify(const struct medium_system *system, uint32_t magic, struct medium *ret)
{
    if (system == NULL) {
        ret->class = MEDIUM_RESIDUE;
        (void)snprintf(ret->reason, sizeof ret->reason,
                       "an unknown file system (%#lx) may keep old content",
                       (unsigned long)magic);
        return;
    }
    ret->class = system->class;
    (void)snprintf(ret->name, sizeof ret->name, "%s", system->name);
    (void)snprintf(ret->reason, sizeof ret->reason, "%s", system->reason);
}

/* statx(2) numbers the mount, mountinfo describes it. */
static bool
find_mount(int fd, struct medium_mount *ret)
{
    struct statx status;
    FILE *mountinfo;
    bool found;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) != 0 ||
        (status.stx_mask & STATX_MNT_ID) == 0)
        return false;
    mountinfo = fopen("/proc/self/mountinfo", "re");
    if (mountinfo == NULL)
        return false;
    found = medium_mount_find(mountinfo, status.stx_mnt_id, ret);
    (void)fclose(mountinfo);
    return found;
}

static void
look_at_flags(int fd, unsigned looks, struct medium *ret)
{
    int flags = 0;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0)
        return;
    if ((flags & FS_COMPR_FL) != 0)
        lower(ret, "the file is compressed: changes go to new blocks");
    if ((looks & MEDIUM_LOOK_JOURNAL) != 0 && (flags & FS_JOURNAL_DATA_FL) != 0)
        lower(ret, "the journal holds the file's content (chattr +j)");
}

static void
look_at_extent(const struct fiemap_extent *extent, struct medium *ret)
{
    if ((extent->fe_flags & FIEMAP_EXTENT_SHARED) != 0)
        lower(ret, "it shares blocks with a copy (reflink) or a snapshot");
    if ((extent->fe_flags & FIEMAP_EXTENT_ENCODED) != 0)
        lower(ret, "its blocks are compressed or otherwise encoded");
}

/* A file of 256 KiB may have many extents; each answer goes on from the last.
 */
static void
look_at_extents(int fd, struct medium *ret)
{
    _Alignas(struct fiemap) unsigned char
        buffer[sizeof(struct fiemap) + EXTENTS * sizeof(struct fiemap_extent)];
    struct fiemap *map = (struct fiemap *)buffer;
    uint64_t start = 0;

    do {
        const struct fiemap_extent *last;

        memset(buffer, 0, sizeof buffer);
        map->fm_start = start;
        map->fm_length = FIEMAP_MAX_OFFSET - start;
        map->fm_flags = FIEMAP_FLAG_SYNC;
        map->fm_extent_count = EXTENTS;
        if (ioctl(fd, FS_IOC_FIEMAP, map) != 0) {
            lower(ret, "whether a copy shares its blocks cannot be found out");
            return;
        }
        for (uint32_t i = 0; i < map->fm_mapped_extents; i++)
            look_at_extent(&map->fm_extents[i], ret);
        if (map->fm_mapped_extents < EXTENTS)
            return;
        last = &map->fm_extents[map->fm_mapped_extents - 1];
        start = last->fe_logical + last->fe_length;
    } while (ret->class == MEDIUM_IN_PLACE);
}

static void
look_at_swap(const struct medium_mount *mount, struct medium *ret)
{
    FILE *swaps = mount->no_swap ? NULL : fopen("/proc/swaps", "re");
    int lines = 0;

    if (swaps == NULL)
        return;
    for (int c; (c = getc(swaps)) != EOF;)
        lines += c == '\n';
    (void)fclose(swaps);
    /* The first line is a heading. */
    if (lines > 1)
        add(ret->note, sizeof ret->note,
            "it was in memory, which may have been swapped out");
}

/* The directory of DEVICE in sysfs; -1 where there is none, as for what lies
 * on no block device. */
static int
open_device(dev_t device)
{
    char path[64];

    (void)snprintf(path, sizeof path, "/sys/dev/block/%u:%u", major(device),
                   minor(device));
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void
look_at_disk(int device, struct medium *ret)
{
    struct medium_disk disk = {.flash = false};

    medium_disk_look(device, &disk);
    if (disk.snapshots)
        lower(ret, "an LVM snapshot or thin pool may keep what is overwritten");
    if (disk.flash)
        add(ret->note, sizeof ret->note,
            "flash or a virtual disk may keep old cells");
    if (disk.encrypted)
        add(ret->note, sizeof ret->note,
            "what remains is encrypted with the volume's key (dm-crypt)");
}

/* The old driver of ext2 says nothing, and has no journal. */
static void
look_at_journal(int device, struct medium *ret)
{
    enum medium_journal journal = medium_journal_of(device);

    if (journal == MEDIUM_JOURNAL_DATA)
        lower(ret, "its journal holds content too (data=journal)");
    else if (journal == MEDIUM_JOURNAL_UNKNOWN &&
             strcmp(ret->name, "ext2") != 0)
        lower(ret, "whether its journal holds content cannot be found out");
}

static void
look(int fd, dev_t number, unsigned looks, struct medium *ret)
{
    struct medium_mount mount = {.type = ""};
    int device;

    /* ext2, ext3 and ext4 have one magic, and FUSE has many subtypes. */
    if (find_mount(fd, &mount))
        (void)snprintf(ret->name, sizeof ret->name, "%s", mount.type);
    if (ret->class == MEDIUM_REMOTE)
        return;
    device = open_device(number);
    if ((looks & MEDIUM_LOOK_JOURNAL) != 0)
        look_at_journal(device, ret);
    look_at_flags(fd, looks, ret);
    if ((looks & MEDIUM_LOOK_EXTENTS) != 0)
        look_at_extents(fd, ret);
    if ((looks & MEDIUM_LOOK_SWAP) != 0)
        look_at_swap(&mount, ret);
    if (device < 0)
        return;
    look_at_disk(device, ret);
    (void)close(device);
}

enum ks_err
medium_survey(int fd, struct medium *ret, struct err_cause *cause)
{
    struct medium medium = {.class = MEDIUM_RESIDUE};
    struct statfs system;
    struct stat status;
    const struct medium_system *known;

    if (fstatfs(fd, &system) != 0 || fstat(fd, &status) != 0)
        return err_set_errno(cause, KS_ERR_FILE_READ, "statfs");
    known = medium_system_find((uint32_t)system.f_type);
    classify(known, (uint32_t)system.f_type, &medium);
    look(fd, status.st_dev, known != NULL ? known->looks : 0, &medium);
    *ret = medium;
    return KS_OK;
}
