/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The promise that the file system and the disk below a file allow a wipe,
 * found out from facts (statfs, mount options, FIEMAP, inode flags), not hoped.
 */
#ifndef KEYSTORE_FILE_MEDIUM_H
#define KEYSTORE_FILE_MEDIUM_H

#include "keystore/base/err.h"

enum medium_class {
    MEDIUM_IN_PLACE = 1, /* overwriting reaches the blocks themselves */
    MEDIUM_RESIDUE,      /* a copy may remain on this machine */
    MEDIUM_REMOTE,       /* a copy may remain where we cannot even look */
    MEDIUM__MAX
};

struct medium {
    enum medium_class class;
    char name[24];    /* the file system's, "" where unknown */
    char reason[160]; /* why not in place, in words; "" otherwise */
    char note[160];   /* what else to know (flash, encryption); may be "" */
};

/* Survey the medium of the open file FD.  Needs no privilege. */
ERR_MUST_USE enum ks_err medium_survey(int fd, struct medium *ret,
                                       struct err_cause *cause);

#endif
