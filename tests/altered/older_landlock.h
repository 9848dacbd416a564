/* SPDX-License-Identifier: Apache-2.0 */
/* A program that is linked with older_landlock.c takes the running kernel for
 * one whose Landlock has another version: that of this variable, or of this
 * file beside the program; 0: it has none. */
#ifndef TESTS_ALTERED_OLDER_LANDLOCK_H
#define TESTS_ALTERED_OLDER_LANDLOCK_H

#define LANDLOCK_ABI "HOLDFAST_TEST_LANDLOCK_ABI"
#define LANDLOCK_FILE "landlock"

#endif
