/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a relay that fails tells the command that started restic.  restic stands
 * between the two, knows of all this only that its program has ended, and hands
 * on the descriptors that it was started with.
 */
#ifndef AGENT_HOLDFAST_RESTIC_RELAY_REPORT_H
#define AGENT_HOLDFAST_RESTIC_RELAY_REPORT_H

#include <stdbool.h>

#include "keystore/base/err.h"

/* Two ends: [0] is for relay_report_take(), [1] for the relay.  The caller
 * closes both. */
ERR_MUST_USE enum ks_err relay_report_open(int ret[2], struct err_cause *cause);

/* The relay's side: say on FD that it has failed with RC.  False: nobody reads
 * it. */
bool relay_report_send(int fd, enum ks_err rc, const struct err_cause *cause);

/* Without waiting: what has been said on FD, with its cause, or KS_OK where
 * nothing was. */
ERR_MUST_USE enum ks_err relay_report_take(int fd, struct err_cause *cause);

#endif
