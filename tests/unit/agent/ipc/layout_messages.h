/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every message of agent/ipc/layout.h, filled from the same lists as the
 * product's code is made from.
 */
#ifndef TESTS_UNIT_AGENT_IPC_LAYOUT_MESSAGES_H
#define TESTS_UNIT_AGENT_IPC_LAYOUT_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/ipc/channel.h"

struct layout_message {
    const char *name;
    enum channel_message type;
    enum ks_err refusal;           /* of one that is malformed */
    bool (*put)(struct msg *msg);  /* filled, by the product's code */
    void (*fill)(struct msg *msg); /* the same by hand, past its limits */
    enum ks_err (*take)(struct msg *msg); /* by the product's code */
    bool (*equal)(void);                  /* what was taken, to what was put */
    void (*forget)(void);                 /* what was taken */
};

extern const struct layout_message layout_messages[];
extern const size_t layout_messages_count;

/* Fill the next message with fields as long as they may be, but of LONGEST
 * bytes and ROWS rows at most; field number OVER, counted from 0, is longer
 * than its limit. */
void layout_messages_begin(size_t over, size_t longest, size_t rows);

/* How many fields it had. */
size_t layout_messages_fields(void);

/* By hand: field number ODD of those of one exact length, counted apart from 0,
 * is an array one too short, or a certificate with a byte behind it.  And how
 * many of these it had. */
void layout_messages_make_odd(size_t odd);
size_t layout_messages_exact(void);

#endif
