/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The open credential file as the wipe sees it.  Only credfile.c and wipe.c
 * include this: nobody else has business with the writing descriptor.
 */
#ifndef KEYSTORE_FILE_CREDFILE_INTERNAL_H
#define KEYSTORE_FILE_CREDFILE_INTERNAL_H

#include <sys/stat.h>

#include "keystore/file/credfile.h"

struct credfile {
    char *path;       /* absolute */
    const char *name; /* in PATH: the file's in its directory */
    int directory;    /* open for reading */
    int reader;       /* the same inode twice */
    int writer;
    struct stat status; /* as it was checked */
};

/* SIZE rounded up to whole blocks of the file system, but not over what
 * credfile_reopen() takes: a network's may be larger than that. */
off_t credfile_whole_blocks(const struct stat *status, off_t size);

#endif
