/* SPDX-License-Identifier: Apache-2.0 */
/* Why backup, restore and snapshots can fail, and how each is brought about. */
#ifndef TESTS_PROGRAMS_DATA_CAUSE_H
#define TESTS_PROGRAMS_DATA_CAUSE_H

#include "tests/support/rig_data.h"

enum data_cause_command {
    DATA_CAUSE_BACKUP,
    DATA_CAUSE_RESTORE,
    DATA_CAUSE_SNAPSHOTS,
    DATA_CAUSE_COMMANDS
};

/* What the three are given; NULL: nothing. */
struct data_cause_given {
    const char *state, *pin, *passphrase, *issuers, *source, *snapshot;
};

struct data_cause {
    const char *name;
    /* Bring it about in RIG, or in what will be given. */
    void (*set_up)(struct rig *rig, struct data_cause_given *given);
    int status[DATA_CAUSE_COMMANDS]; /* of backup, restore, snapshots */
    const char *phrase;              /* of those that fail */
    void (*undo)(struct rig *rig);   /* or NULL: for good, or nothing to do */
};

/* In this order; the last one's name is NULL. */
extern const struct data_cause data_causes[];

#endif
