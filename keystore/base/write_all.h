/* SPDX-License-Identifier: Apache-2.0 */
/* write(2) to the end, past stdio, which would keep a copy of a secret. */
#ifndef KEYSTORE_BASE_WRITE_ALL_H
#define KEYSTORE_BASE_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Write all LENGTH BYTES where FD stands, or from OFFSET on.  A signal does not
 * end it.  False: errno says why, and a part may be written. */
bool write_all(int fd, const void *bytes, size_t length);
bool write_all_at(int fd, const void *bytes, size_t length, off_t offset);

#endif
