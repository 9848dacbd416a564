/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file, or a whole tree of them, in words: what must not have changed is
 * taken before and after, and compared.
 */
#ifndef TESTS_PROGRAMS_SNAPSHOT_H
#define TESTS_PROGRAMS_SNAPSHOT_H

/* One line for PATH and for everything below it, sorted: name, inode, mode,
 * owner, links, size, time of the last change of content, SHA-256.  The caller
 * frees it.  Fails the test where it cannot look. */
char *snapshot_take(const char *path);

#endif
