/* SPDX-License-Identifier: Apache-2.0 */
/* How far overwriting a file reaches on what it lies on. */
#ifndef KEYSTORE_FILE_MEDIUM_CLASS_H
#define KEYSTORE_FILE_MEDIUM_CLASS_H

enum medium_class {
    MEDIUM_IN_PLACE = 1, /* overwriting reaches the blocks themselves */
    MEDIUM_RESIDUE,      /* a copy may remain on this machine */
    MEDIUM_REMOTE,       /* a copy may remain where we cannot even look */
    MEDIUM__MAX
};

#endif
