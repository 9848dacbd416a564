/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules for tests are copied to where the test is master of every directory:
 * a build tree may be writable by others.
 */
#ifndef TESTS_COPY_FILE_H
#define TESTS_COPY_FILE_H

#include <sys/types.h>

/* Make TO, with MODE whatever the umask, a copy of FROM.  Returns 0 or -1. */
int copy_file(const char *from, const char *to, mode_t mode);

#endif
