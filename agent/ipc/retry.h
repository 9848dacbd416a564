/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a request is made again that a failed server has answered: after pauses
 * that double, each cut at random so that a thousand machines do not come back
 * at once.  None is made after two minutes; one that was may take its own time.
 */
#ifndef AGENT_IPC_RETRY_H
#define AGENT_IPC_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_TOTAL 120000 /* milliseconds, until the last one is made */

/* The most repetitions that fit into RETRY_TOTAL, where chance makes every
 * pause the shortest and each fails at once.  Every request begins with the
 * shortest pause again, and has six from 250 ms to 8 s.  Of the two of a
 * machine's evidence given anew: those, and five of 15 s; of the six of an
 * enrolment: those, and one of 15 s. */
#define RETRY_MOST_OF_TWO 17
#define RETRY_MOST_OF_SIX 37

/* The pause before repetition NUMBER (from 0), between half and all of 500 ms
 * doubled NUMBER times, up to 30 s; RANDOM is any number.  It is at least
 * ASKED, the pause that the server wants.  False where it would end after
 * RETRY_TOTAL, SPENT of which are over.  All in milliseconds. */
bool retry_wait(unsigned number, uint64_t spent, uint64_t asked,
                uint32_t random, uint64_t *ret);

/* The repetitions of one process. */
struct retry {
    uint64_t spent;  /* milliseconds until now */
    uint64_t since;  /* when the request under way was made first */
    unsigned number; /* of its next repetition */
};

/* A request is about to be made for the first time. */
void retry_begin(struct retry *retry);

/* A try has failed: pause, and say whether to repeat it.  ASKED in
 * milliseconds. */
bool retry_pause(struct retry *retry, uint64_t asked);

/* The request is over, with or without repetitions. */
void retry_end(struct retry *retry);

#endif
