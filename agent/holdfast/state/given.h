/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential files that were given to `register`: number 0 is that of the
 * last attempt, 1 and so on are those of attempts before it, the newest first.
 * Each has a key in it, so that none is forgotten before it is wiped.
 */
#ifndef AGENT_HOLDFAST_STATE_GIVEN_H
#define AGENT_HOLDFAST_STATE_GIVEN_H

#include "agent/holdfast/state/state.h"

/* Files of attempts before: a path is up to 4 KiB, and all of the state has to
 * fit into its file of 256 KiB beside the certificates. */
#define STATE_GIVEN_EARLIER_MAX 8

size_t state_given_count(const struct state *state);

/* As state_text() and its like, of file NUMBER.  WHICH is one of STATE_FILE_*
 * or STATE_WIPE_OUTCOME and STATE_WIPE_DETAIL. */
const char *state_given_text(const struct state *state, size_t number,
                             enum state_text which);
uint64_t state_given_number(const struct state *state, size_t number,
                            enum state_number which);
void state_given_set_text(struct state *state, size_t number,
                          enum state_text which, const char *text);
void state_given_set_bytes(struct state *state, size_t number,
                           enum state_text which, const uint8_t *bytes,
                           size_t length);
bool state_given_bytes(const struct state *state, size_t number,
                       enum state_text which, uint8_t *bytes, size_t length);

/* A file's identity. */
struct state_given {
    const char *path; /* "": standard input */
    uint64_t device, inode, size;
    const uint8_t *sha256; /* 32 bytes */
};

/* Have GIVEN as number 0, in memory until state_save(), no wipe of it having
 * begun.  Where another was, it becomes number 1; where GIVEN was given before,
 * it is there once.  KS_ERR_UNFINISHED: there are too many of attempts
 * before. */
ERR_MUST_USE enum ks_err state_given_put(struct state *state,
                                         const struct state_given *given,
                                         struct err_cause *cause);

/* The same where number 0 stays, with which the machine was registered: GIVEN
 * becomes number 1, or stays which it was. */
ERR_MUST_USE enum ks_err state_given_add(struct state *state,
                                         const struct state_given *given,
                                         struct err_cause *cause);

#endif
