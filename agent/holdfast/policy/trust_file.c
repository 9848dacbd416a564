/* SPDX-License-Identifier: Apache-2.0 */
/* open(2) of a pipe would wait for its writer, hence O_NONBLOCK: anything may
 * be at the path. */
#include "agent/holdfast/policy/trust_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum ks_err
trust_file_open(const char *path, off_t most, enum ks_err fault, int *ret,
                struct err_cause *cause)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;

    if (fd < 0)
        return err_set_errno(
            cause,
            errno == EACCES || errno == EPERM     ? KS_ERR_PERMISSION
            : errno == ENOENT || errno == ENOTDIR ? KS_ERR_FILE_MISSING
                                                  : KS_ERR_FILE_READ,
            path);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size == 0 || status.st_size > most) {
        (void)close(fd);
        return err_set(cause, fault,
                       "%.180s is no regular file of 1 byte to %d MiB", path,
                       (int)(most >> 20));
    }
    *ret = fd;
    return KS_OK;
}
