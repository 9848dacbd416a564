/* SPDX-License-Identifier: Apache-2.0 */
/* Files, as they are at the moment. */
#include "tests/vault/rules/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
service_read_open(int fd, size_t *ret_length)
{
    struct stat status;
    char *text;
    ssize_t n, length = 0;

    assert_int_equal(fstat(fd, &status), 0);
    text = kept_new((size_t)status.st_size + 1);
    while (length < status.st_size &&
           (n = pread(fd, text + length, (size_t)(status.st_size - length),
                      length)) > 0)
        length += n;
    if (ret_length != NULL)
        *ret_length = (size_t)length;
    return text;
}

char *
service_read_file(const char *path, size_t *ret_length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text;

    if (fd < 0)
        fail_msg("%s: %s", path, strerror(errno));
    text = service_read_open(fd, ret_length);
    (void)close(fd);
    return text;
}
