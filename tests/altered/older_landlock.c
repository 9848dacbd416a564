/* SPDX-License-Identifier: Apache-2.0 */
/* An older Landlock is one that is asked for no more than it knows: the kernel
 * is told the smaller rule set, and enforces that. */
#include "tests/altered/older_landlock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>

static long wanted = -1; /* the version; -1: the kernel's own */

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static void
read_beside(void)
{
    char path[512];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    FILE *file = NULL;
    char text[8] = "";

    path[length > 0 ? length : 0] = '\0';
    if (strrchr(path, '/') != NULL) {
        (void)snprintf(strrchr(path, '/'), 32, "/%s", LANDLOCK_FILE);
        file = fopen(path, "re");
    }
    if (file == NULL)
        return;
    if (fgets(text, sizeof text, file) != NULL)
        wanted = strtol(text, NULL, 10);
    (void)fclose(file);
}

/* Before the sandbox: a helper has no variable of a test's, but files yet. */
__attribute__((constructor)) static void
prepare(void)
{
    const char *abi = getenv(LANDLOCK_ABI);

    if (abi != NULL && *abi != '\0')
        wanted = strtol(abi, NULL, 10);
    else
        read_beside();
}

/* Version 0: the kernel has no Landlock. */
static long
version(void)
{
    if (wanted > 0)
        return wanted;
    errno = ENOSYS;
    return -1;
}

long
__wrap_syscall(long number, ...)
{
    long argument[4];
    va_list list;

    va_start(list, number);
    for (size_t i = 0; i < sizeof argument / sizeof argument[0]; i++)
        argument[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_landlock_create_ruleset && argument[0] == 0 &&
        wanted >= 0)
        return version();
    return __real_syscall(number, argument[0], argument[1], argument[2],
                          argument[3]);
}
