/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The promise that a file system makes by its kind alone, before its mount and
 * its disk have been looked at.
 */
#ifndef KEYSTORE_FILE_MEDIUM_SYSTEM_H
#define KEYSTORE_FILE_MEDIUM_SYSTEM_H

#include <stdint.h>

#include "keystore/file/medium.h"

/* Facts that can still speak against it. */
#define MEDIUM_LOOK_JOURNAL 1u
#define MEDIUM_LOOK_EXTENTS 2u /* blocks shared with a copy */
#define MEDIUM_LOOK_SWAP 4u

struct medium_system {
    uint32_t magic; /* statfs(2)'s f_type */
    enum medium_class class;
    unsigned looks;
    const char *name;
    const char *reason; /* "" where it is in place */
};

/* NULL: an unknown kind, for which nothing can be promised. */
const struct medium_system *medium_system_find(uint32_t magic);

#endif
