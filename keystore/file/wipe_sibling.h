/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies that editors, browsers and file managers leave beside a file: copies
 * that a wipe of the file itself does not reach.
 */
#ifndef KEYSTORE_FILE_WIPE_SIBLING_H
#define KEYSTORE_FILE_WIPE_SIBLING_H

#include <stdbool.h>
#include <stddef.h>

/* Is OTHER, by its name, a copy of NAME? */
bool wipe_sibling_is_copy(const char *name, const char *other);

/* Write the names of the plain files in DIRECTORY that are copies of NAME into
 * RET of SIZE bytes, fit for a terminal; "" where there is none.  False: the
 * directory cannot be read. */
bool wipe_sibling_list(int directory, const char *name, char *ret, size_t size);

#endif
