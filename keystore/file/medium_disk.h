/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block device below a file system, as sysfs describes it.
 */
#ifndef KEYSTORE_FILE_MEDIUM_DISK_H
#define KEYSTORE_FILE_MEDIUM_DISK_H

#include <stdbool.h>

struct medium_disk {
    bool flash;     /* does not rotate: a write may go to new cells */
    bool encrypted; /* all that is below it is dm-crypt */
    bool snapshots; /* LVM keeps what is overwritten for a snapshot */
};

/* Look at the device whose directory in sysfs DEVICE (an open descriptor) is,
 * and at those it is made of.  What cannot be found out stays false. */
void medium_disk_look(int device, struct medium_disk *ret);

#endif
