/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a recorded credential file is now.  Opens nothing and changes nothing,
 * and needs no right to the file itself.
 */
#ifndef KEYSTORE_FILE_CREDFILE_PLACE_H
#define KEYSTORE_FILE_CREDFILE_PLACE_H

#include <stdint.h>

enum credfile_place {
    CREDFILE_NAMED, /* something has its name: it, or another file that may
                     * have its inode as well; credfile_reopen() looks closer */
    CREDFILE_GONE,  /* nothing has, where the file was */
    CREDFILE_AWAY   /* its directory or file system is not there, or cannot be
                     * looked at: it may be back later */
};

/* PATH is absolute, DEVICE is the file's. */
enum credfile_place credfile_place(const char *path, uint64_t device);

#endif
