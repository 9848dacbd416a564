/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The open credential file as the wipe sees it.  Only credfile.c and wipe.c
 * include this: nobody else has business with the writing descriptor.
 */
#ifndef KEYSTORE_CREDFILE_INTERNAL_H
#define KEYSTORE_CREDFILE_INTERNAL_H

#include <sys/stat.h>

#include "keystore/credfile.h"

/* A wipe that has begun says so with the sticky bit, which means nothing on a
 * file and which no download sets: after a crash the content is no longer
 * what was recorded, and the file is still ours to wipe. */
#define CREDFILE_WIPE_BEGUN S_ISVTX

struct credfile {
    char *path;       /* absolute */
    const char *name; /* in PATH: the file's in its directory */
    int directory;    /* open for reading */
    int reader;       /* the same inode twice */
    int writer;
    struct stat status; /* as it was checked */
};

/* SIZE rounded up to whole blocks of the file system. */
off_t credfile_whole_blocks(const struct stat *status, off_t size);

#endif
