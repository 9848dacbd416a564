/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts that no other process sees, for what only root can set up. */
#ifndef TESTS_PROGRAMS_OWN_MOUNTS_H
#define TESTS_PROGRAMS_OWN_MOUNTS_H

#include <stdbool.h>

/* From here on what this process mounts is its own.  False: it is not, and
 * nothing may be mounted. */
bool own_mounts(void);

#endif
