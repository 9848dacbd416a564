/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library with a free(3) that looks at what it is given, in the place of the
 * C library's.
 */
#ifndef TESTS_UNIT_KEYSTORE_BASE_WATCHING_HEAP_H
#define TESTS_UNIT_KEYSTORE_BASE_WATCHING_HEAP_H

/* How many blocks have come with zeros alone in them, and how many others. */
unsigned watching_heap_wiped(void);
unsigned watching_heap_unwiped(void);

#endif
