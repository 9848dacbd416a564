/* SPDX-License-Identifier: Apache-2.0 */
/* An older Landlock is one that is asked for no more than it knows: the kernel
 * is told the smaller rule set, and enforces that. */
#include "tests/integration/older_landlock.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include <linux/landlock.h>

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long
__wrap_syscall(long number, ...)
{
    const char *abi = getenv(LANDLOCK_ABI);
    long argument[4];
    va_list list;

    va_start(list, number);
    for (size_t i = 0; i < sizeof argument / sizeof argument[0]; i++)
        argument[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_landlock_create_ruleset && argument[0] == 0 &&
        abi != NULL && *abi != '\0')
        return strtol(abi, NULL, 10);
    return __real_syscall(number, argument[0], argument[1], argument[2],
                          argument[3]);
}
