/* SPDX-License-Identifier: Apache-2.0 */
/* The file systems that are known.  Only what has been measured or what its
 * makers document stands here as in place; when in doubt leave it out. */
#include "keystore/file/medium_system.h"

#include <stddef.h>

static const struct medium_system systems[] = {
    {0xef53, MEDIUM_IN_PLACE, MEDIUM_LOOK_JOURNAL | MEDIUM_LOOK_EXTENTS, "ext4",
     ""},
    {0x58465342, MEDIUM_IN_PLACE, MEDIUM_LOOK_EXTENTS, "xfs", ""},
    {0x4d44, MEDIUM_IN_PLACE, 0, "vfat", ""},
    {0x2011bab0, MEDIUM_IN_PLACE, 0, "exfat", ""},
    {0x01021994, MEDIUM_IN_PLACE, MEDIUM_LOOK_SWAP, "tmpfs", ""},
    {0x858458f6, MEDIUM_IN_PLACE, 0, "ramfs", ""},
#define COPIES "it writes changes to new blocks, the old ones keep the content"
    {0x9123683e, MEDIUM_RESIDUE, 0, "btrfs", COPIES},
    {0x2fc12fc1, MEDIUM_RESIDUE, 0, "zfs", COPIES},
    {0xca451a4e, MEDIUM_RESIDUE, 0, "bcachefs", COPIES},
    {0x3434, MEDIUM_RESIDUE, 0, "nilfs2", COPIES},
    {0xf2f52010, MEDIUM_RESIDUE, 0, "f2fs", COPIES},
#undef COPIES
    {0x794c7630, MEDIUM_RESIDUE, 0, "overlay",
     "a lower layer (a container's image) may keep the original"},
#define SERVER "a server keeps it, with caches and snapshots out of reach"
    {0x6969, MEDIUM_REMOTE, 0, "nfs", SERVER},
    {0x517b, MEDIUM_REMOTE, 0, "smb", SERVER},
    {0xff534d42, MEDIUM_REMOTE, 0, "cifs", SERVER},
    {0xfe534d42, MEDIUM_REMOTE, 0, "smb2", SERVER},
    {0x00c36400, MEDIUM_REMOTE, 0, "ceph", SERVER},
    {0x5346414f, MEDIUM_REMOTE, 0, "afs", SERVER},
    {0x6b414653, MEDIUM_REMOTE, 0, "afs", SERVER},
    {0x73757245, MEDIUM_REMOTE, 0, "coda", SERVER},
    {0x0bd00bd0, MEDIUM_REMOTE, 0, "lustre", SERVER},
    {0x47504653, MEDIUM_REMOTE, 0, "gpfs", SERVER},
    {0x20030528, MEDIUM_REMOTE, 0, "orangefs", SERVER},
    {0x01161970, MEDIUM_REMOTE, 0, "gfs2", SERVER},
    {0x7461636f, MEDIUM_REMOTE, 0, "ocfs2", SERVER},
#undef SERVER
#define HOST "the machine outside keeps it, where nothing can be looked at"
    {0x01021997, MEDIUM_REMOTE, 0, "9p", HOST},
    {0x786f4256, MEDIUM_REMOTE, 0, "vboxsf", HOST},
#undef HOST
    {0x65735546, MEDIUM_REMOTE, 0, "fuse",
     "a program keeps it (FUSE), and only that knows where"},
};

const struct medium_system *
medium_system_find(uint32_t magic)
{
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
        if (systems[i].magic == magic)
            return &systems[i];
    return NULL;
}
