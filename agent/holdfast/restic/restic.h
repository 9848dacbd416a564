/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restic, run for a command of ours: it encrypts and deduplicates, and reaches
 * the vault through `holdfast relay`, which it starts itself.
 */
#ifndef AGENT_HOLDFAST_RESTIC_RESTIC_H
#define AGENT_HOLDFAST_RESTIC_RESTIC_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/holdfast/restic/setup.h"
#include "keystore/base/err.h"

/* Read from the state and OPTIONS what running it takes; nothing is locked
 * afterwards.  *RET_NEW: this machine is not known to have a repository yet.
 * Errors as of restic_relay_make() (agent/holdfast/restic/relay.h).
 * restic_close() in any case. */
ERR_MUST_USE enum ks_err restic_open(struct restic *restic,
                                     const struct options *options,
                                     bool *ret_new, struct err_cause *cause);
void restic_close(struct restic *restic);

/* Run it with WORDS, COUNT of them, the first a command of restic's.  Where it
 * fails this is the relay's error, or the vault's, which is asked where restic
 * was refused without a reason, or what restic's words tell
 * (agent/holdfast/restic/words.h); KS_ERR_RESTIC: none of those.
 * KS_ERR_PARTIAL: the snapshot is there, without a part of the source. */
ERR_MUST_USE enum ks_err restic_run(struct restic *restic,
                                    const char *const *words, size_t count,
                                    struct err_cause *cause);

/* Make the repository where there is none, and record that it is there.  An
 * interrupted attempt is not repeated, nor one whose relay failed. */
ERR_MUST_USE enum ks_err restic_prepare(struct restic *restic,
                                        struct err_cause *cause);

#endif
