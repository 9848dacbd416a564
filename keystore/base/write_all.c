/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore/base/write_all.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

/* Where FD stands without an OFFSET, which is negative then. */
static bool
write_from(int fd, const uint8_t *bytes, size_t length, off_t offset)
{
    while (length > 0) {
        ssize_t n = offset < 0 ? write(fd, bytes, length)
                               : pwrite(fd, bytes, length, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* which says none of it */
        if (n <= 0)
            return false;
        bytes += n;
        length -= (size_t)n;
        offset = offset < 0 ? offset : offset + n;
    }
    return true;
}

bool
write_all(int fd, const void *bytes, size_t length)
{
    return write_from(fd, bytes, length, -1);
}

bool
write_all_at(int fd, const void *bytes, size_t length, off_t offset)
{
    return write_from(fd, bytes, length, offset);
}
