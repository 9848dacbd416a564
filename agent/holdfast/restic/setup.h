/* SPDX-License-Identifier: Apache-2.0 */
/* The setup that restic is run with, put together by restic_open() and the
 * relay's part of it by restic_relay_make(). */
#ifndef AGENT_HOLDFAST_RESTIC_SETUP_H
#define AGENT_HOLDFAST_RESTIC_SETUP_H

#include <stdbool.h>

#include "agent/holdfast/options.h"

struct restic {
    const struct options *options; /* borrowed */
    char *directory;               /* of the state, absolute */
    char *cache;                   /* restic's, in there */
    char *relay;                   /* the option that names it to restic */
    bool emulation;
    bool wants_pin;    /* the token does */
    bool relay_failed; /* the last run's, and said so */
    bool silent;       /* nothing of what it says is shown meanwhile */
    int passphrase;    /* sealed memfd, or -1 */
    int pin;           /* the same; -1: the relay opens its source by name */
};

#endif
