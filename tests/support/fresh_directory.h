/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of one test. */
#ifndef TESTS_SUPPORT_FRESH_DIRECTORY_H
#define TESTS_SUPPORT_FRESH_DIRECTORY_H

#include <stdbool.h>

/* Room for one and its zero. */
#define FRESH_DIRECTORY 64

/* Make a directory that only we may enter, named after PURPOSE, in TMPDIR or
 * else in /tmp.  Whoever makes it removes it.  False: RET is empty and errno
 * says why; ENAMETOOLONG for a TMPDIR in which no socket's path would fit. */
bool fresh_directory(const char *purpose, char ret[static FRESH_DIRECTORY]);

#endif
