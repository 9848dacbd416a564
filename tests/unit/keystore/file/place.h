/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fresh directory for one test, and what a test does in it.  Ends the program
 * where that fails: without its place a test proves nothing.
 */
#ifndef TESTS_UNIT_KEYSTORE_FILE_PLACE_H
#define TESTS_UNIT_KEYSTORE_FILE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* For cmocka: make the directory (mode 0700); remove it, and fail where the
 * test left a descriptor open. */
int place_make(void **state);
int place_remove(void **state);

/* NAME in the directory, and "" for the directory itself.  Good until the
 * eighth call after this one. */
const char *place_path(const char *name);

/* Make a file, replacing nothing; a directory; change a mode. */
void place_write(const char *name, const void *bytes, size_t length,
                 mode_t mode);
void place_directory(const char *name, mode_t mode);
void place_mode(const char *name, mode_t mode);

bool place_exists(const char *name);

/* How many descriptors this process has open. */
unsigned place_descriptors(void);

/* Run BODY in a child; its exit status, or a signal's number below zero. */
int place_child(int (*body)(void));

/* The same in a child that is not root.  Before that, give the whole place to
 * who the child will be, if that is another. */
void place_give(void);
int place_unprivileged(int (*body)(void));

#endif
