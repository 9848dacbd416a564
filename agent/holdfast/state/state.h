/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The durable state: one JSON file in the state directory, replaced as a whole
 * (temporary file, fsync, rename, fsync of the directory, read back), under a
 * lock.  It holds nothing secret.
 */
#ifndef AGENT_HOLDFAST_STATE_STATE_H
#define AGENT_HOLDFAST_STATE_STATE_H

#include <stdbool.h>

#include "agent/holdfast/state/fields.h"
#include "keystore/base/err.h"

/* Open the state in DIRECTORY and lock it until state_close().  With CREATE a
 * missing directory is made (0700), else it is KS_ERR_NOT_REGISTERED.
 * KS_ERR_BUSY: locked by another; KS_ERR_STATE_BROKEN: not what we write;
 * KS_ERR_STATE_NEWER: what a newer version writes;
 * KS_ERR_STATE_EXPOSED: others may change it (place.h). */
ERR_MUST_USE enum ks_err state_open(const char *directory, bool create,
                                    struct state **ret,
                                    struct err_cause *cause);
void state_close(struct state **state);

/* Enter PHASE and make the whole state durable.  KS_ERR_STATE_WRITE leaves the
 * file as it was. */
ERR_MUST_USE enum ks_err state_save(struct state *state, enum state_phase phase,
                                    struct err_cause *cause);

/* Forget everything, durably; the phase is STATE_NONE after it. */
ERR_MUST_USE enum ks_err state_forget(struct state *state,
                                      struct err_cause *cause);

/* Remove what is in keys/ of the key whose id is recorded under WHICH.  For a
 * token that has lost the key: one that has it removes its own files. */
ERR_MUST_USE enum ks_err state_drop_key(const struct state *state,
                                        enum state_text which,
                                        struct err_cause *cause);

/* The state directory, and its subdirectory keys/ (0700); owned by STATE. */
int state_directory_fd(const struct state *state);
int state_keys_fd(const struct state *state);

#endif
