/* SPDX-License-Identifier: Apache-2.0 */
/* The variable by which a program that is linked with older_landlock.c takes
 * the running kernel for one whose Landlock has this version. */
#ifndef TESTS_INTEGRATION_OLDER_LANDLOCK_H
#define TESTS_INTEGRATION_OLDER_LANDLOCK_H

#define LANDLOCK_ABI "HOLDFAST_TEST_LANDLOCK_ABI"

#endif
