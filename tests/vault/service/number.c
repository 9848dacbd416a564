/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vault/service/number.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/vault/service/fault.h"

bool
number_read(const char *text, int64_t *ret)
{
    char *end;

    errno = 0;
    *ret = strtoll(text, &end, 10);
    return (errno == 0 && end != text && *end == '\0') ||
           fault("%.40s: no number", text);
}
