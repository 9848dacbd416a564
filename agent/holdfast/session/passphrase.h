/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passphrase of the backup on its way from where it is kept to restic.
 * This process hands descriptors on and never reads it.
 */
#ifndef AGENT_HOLDFAST_SESSION_PASSPHRASE_H
#define AGENT_HOLDFAST_SESSION_PASSPHRASE_H

#include <stdbool.h>

#include "keystore/base/err.h"

enum passphrase_use {
    PASSPHRASE_NEW, /* of a repository to be made: checked, typed twice */
    PASSPHRASE_OLD, /* of one that may be anybody's work: taken as it is */
};

/* Read it from SOURCE, as in pin_open(), into a sealed memfd that the caller
 * closes.  KS_ERR_PASSPHRASE_NEEDED, KS_ERR_PASSPHRASE. */
ERR_MUST_USE enum ks_err passphrase_open(const char *source,
                                         enum passphrase_use use, int *ret,
                                         struct err_cause *cause);

/* Make one in the new file PATH, mode 0600, durably. */
ERR_MUST_USE enum ks_err passphrase_generate(const char *path,
                                             struct err_cause *cause);

#endif
