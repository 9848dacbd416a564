/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/holdfast/policy/pcr_list.h"

#include <ctype.h>
#include <string.h>

#define PCRS 24

/* A number of one or two digits without a leading zero; behind it, or NULL. */
static const char *
read_number(const char *text, unsigned *ret)
{
    const char *at = text;

    for (*ret = 0; isdigit((unsigned char)*at) && at - text < 2; at++)
        *ret = *ret * 10 + (unsigned)(*at - '0');
    if (at == text || (*text == '0' && at - text > 1))
        return NULL;
    return at;
}

bool
pcr_list_read(const char *text, uint32_t *ret)
{
    uint32_t all = 0;

    *ret = 0;
    if (strcmp(text, "none") == 0)
        return true;
    for (;; text++) {
        unsigned number;

        text = read_number(text, &number);
        if (text == NULL || number >= PCRS || (all >> number & 1) != 0)
            return false;
        all |= UINT32_C(1) << number;
        if (*text == '\0')
            break;
        if (*text != ',')
            return false;
    }
    *ret = all;
    return true;
}
