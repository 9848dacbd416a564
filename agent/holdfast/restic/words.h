/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restic's standard error, on its way to the person.  What restic says in
 * passing is shown after a moment; its last words wait until the command that
 * ran it has said in its own what failed.  One store a process.
 */
#ifndef AGENT_HOLDFAST_RESTIC_WORDS_H
#define AGENT_HOLDFAST_RESTIC_WORDS_H

#include <stdbool.h>

#include "keystore/base/err.h"

/* The vault has no room; a path of the source was not there. */
#define RESTIC_WORDS_FULL "507 Insufficient Storage"
#define RESTIC_WORDS_SKIPPED " does not exist, skipping"

/* Take what comes from FD, a pipe, until its end: while PID, which writes
 * there, is at work.  LIVE: show it after a moment.  PID is interrupted once
 * the vault takes nothing more, since it would go on trying. */
void restic_words_take(int fd, int pid, bool live);

/* Is TEXT in what was taken so far? */
bool restic_words_have(const char *text);

/* Which failure of ours it is that they tell of; KS_ERR_RESTIC: none that has a
 * code, KS_ERR_VAULT_REFUSED: one whose reason the vault alone knows. */
ERR_MUST_USE enum ks_err restic_words_judge(struct err_cause *cause);

/* Show on standard error what has not been shown yet, without what is of no use
 * to a person: the places in restic's source where an error passed, its
 * question about the repository's address, which is ours, and the relay's line
 * once that has reported the same. */
void restic_words_show(void);
void restic_words_relay_spoke(void);

/* Forget all of it. */
void restic_words_forget(void);

#endif
