/* SPDX-License-Identifier: Apache-2.0 */
/* A directory for each test of one process. */
#ifndef TESTS_SUPPORT_OWN_DIRECTORY_H
#define TESTS_SUPPORT_OWN_DIRECTORY_H

#include "tests/support/fresh_directory.h"

extern char directory[FRESH_DIRECTORY];

/* For cmocka, around each test, or called by what is. */
int own_directory_make(void **state);
int own_directory_remove(void **state);

/* NAME in it; valid until the fourth call after it. */
const char *own_directory_path(const char *name);

/* A file of TEXT there, in place of what it had. */
void own_directory_write(const char *name, const char *text);

#endif
