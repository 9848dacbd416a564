/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/holdfast/report/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void
progress_say(const char *format, ...)
{
    va_list args;

    if (isatty(STDERR_FILENO) != 1)
        return;
    va_start(args, format);
    (void)fputs("holdfast: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
}
