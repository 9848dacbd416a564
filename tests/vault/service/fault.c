/* SPDX-License-Identifier: Apache-2.0 */
/* One line on stderr; for vaultd that is its log. */
#include "tests/vault/service/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include <openssl/err.h>

static const char *program = "vault";

void
fault_program(const char *name)
{
    program = name;
}

bool
fault(const char *format, ...)
{
    char line[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "%s: %s\n", program, line);
    return false;
}

bool
fault_openssl(const char *format, ...)
{
    char line[256];
    char cause[160];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    ERR_error_string_n(ERR_peek_last_error(), cause, sizeof cause);
    ERR_clear_error();
    return fault("%s: %s", line, cause);
}
