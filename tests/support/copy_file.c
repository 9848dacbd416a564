/* SPDX-License-Identifier: Apache-2.0 */
/* Copies a whole file within the kernel. */
#include "tests/support/copy_file.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int
copy(int in, int out)
{
    struct stat status;
    off_t offset = 0;

    if (fstat(in, &status) != 0)
        return -1;
    while (offset < status.st_size)
        if (sendfile(out, in, &offset, (size_t)(status.st_size - offset)) <= 0)
            return -1;
    return 0;
}

int
copy_file(const char *from, const char *to, mode_t mode)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    int rc = -1;

    if (in >= 0 && out >= 0 && copy(in, out) == 0 && fchmod(out, mode) == 0)
        rc = 0;
    if (in >= 0)
        (void)close(in);
    if (out >= 0 && close(out) != 0)
        rc = -1;
    return rc;
}
