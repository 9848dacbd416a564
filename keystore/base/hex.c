/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore/base/hex.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

void
hex_write(char *ret, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[2 * length] = '\0';
}

bool
hex_read(const char *text, uint8_t *ret, size_t length)
{
    if (strlen(text) != 2 * length ||
        strspn(text, "0123456789abcdef") != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++)
        ret[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 |
                           (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}
