/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams in which each byte tells its place, so that none can be lost, come
 * twice or change places unseen.  A call that finds another byte fails the
 * test.
 */
#ifndef TESTS_UNIT_AGENT_NET_PLACED_BYTES_H
#define TESTS_UNIT_AGENT_NET_PLACED_BYTES_H

#include <stddef.h>

/* More than any buffer on the way holds. */
#define PLACED_BYTES_MUCH ((size_t)8 << 20)

/* Write what goes of the LENGTH bytes FROM this place on; how much that was. */
size_t placed_bytes_push(int fd, size_t from, size_t length);

/* Wait for some, and read those that are there, the first of which is FROM this
 * place; how many these were. */
size_t placed_bytes_pull(int fd, size_t from);

/* LENGTH bytes into one end and out of the other, never waiting on one alone.
 */
void placed_bytes_pass(int in, int out, size_t length);

/* As much as goes into FD with nobody taking it at the other end: until the
 * relay has not taken any more for a while, which is no matter of time to the
 * test, only of how much it means. */
size_t placed_bytes_fill(int fd);

#endif
