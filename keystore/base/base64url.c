/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore/base/base64url.h"

/* The six bits of C, or -1. */
static int
value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool
base64url_read(const char *text, uint8_t *ret, size_t most, size_t *ret_length)
{
    uint32_t bits = 0; /* read and not yet written: COUNT of the lowest */
    unsigned count = 0;
    size_t length = 0;

    for (; *text != '\0'; text++) {
        int value = value_of(*text);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count < 8)
            continue;
        if (length == most)
            return false;
        count -= 8;
        ret[length++] = (uint8_t)(bits >> count);
        bits &= (1u << count) - 1;
    }
    /* A lone last character has six bits left over; others that are set would
     * be a second spelling. */
    *ret_length = length;
    return count < 6 && bits == 0;
}
