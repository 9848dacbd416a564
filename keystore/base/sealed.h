/* SPDX-License-Identifier: Apache-2.0 */
/* A memfd that nobody can change any more (memfd_create(2)): how a secret goes
 * from one process to another. */
#ifndef KEYSTORE_BASE_SEALED_H
#define KEYSTORE_BASE_SEALED_H

#include <stdbool.h>

/* Seal FD against writing, growing, shrinking and other seals; false with
 * errno. */
bool sealed_make(int fd);

/* Whether FD has all of these seals.  Each file of a tmpfs has a seal, too
 * (fcntl(2)), but not these. */
bool sealed_is(int fd);

#endif
