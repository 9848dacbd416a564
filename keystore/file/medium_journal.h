/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the journal of ext3 or ext4 takes the content of files.
 */
#ifndef KEYSTORE_FILE_MEDIUM_JOURNAL_H
#define KEYSTORE_FILE_MEDIUM_JOURNAL_H

#include <stdbool.h>
#include <stdio.h>

enum medium_journal {
    MEDIUM_JOURNAL_METADATA = 1, /* or there is none */
    MEDIUM_JOURNAL_DATA,         /* data=journal */
    MEDIUM_JOURNAL_UNKNOWN
};

/* The journal of the file system on the block device whose directory in sysfs
 * DEVICE (an open descriptor) is. */
enum medium_journal medium_journal_of(int device);

/* The same from OPTIONS, the file /proc/fs/ext4/NAME/options. */
enum medium_journal medium_journal_read(FILE *options);

#endif
