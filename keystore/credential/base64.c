/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 in place.  Decodes private keys: must not allocate. */
#include "keystore/credential/base64.h"

#include <string.h>

enum { BLANK = 64, PADDING, FOREIGN };

static unsigned
value_of(uint8_t character)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char blanks[] = " \t\r\n";
    const char *found;

    if (character == '\0')
        return FOREIGN;
    if (character == '=')
        return PADDING;
    if (strchr(blanks, character) != NULL)
        return BLANK;
    found = strchr(alphabet, character);
    return found != NULL ? (unsigned)(found - alphabet) : FOREIGN;
}

bool
base64_decode(uint8_t *text, size_t length, size_t *ret)
{
    size_t written = 0;
    size_t characters = 0; /* of the alphabet, and then of padding */
    size_t padding = 0;
    uint32_t bits = 0; /* not yet written, the lowest ones of it */

    for (size_t i = 0; i < length; i++) {
        unsigned value = value_of(text[i]);

        if (value == BLANK)
            continue;
        if (value == FOREIGN || (value != PADDING && padding > 0))
            return false;
        characters++;
        if (value == PADDING) {
            padding++;
            continue;
        }
        bits = bits << 6 | value;
        /* Three bytes from four characters: never ahead of what is read. */
        if (characters % 4 != 1)
            text[written++] = (uint8_t)(bits >>
                                        (6 - 2 * ((characters - 1) % 4)));
    }
    if (characters % 4 != 0 || padding > 2 ||
        (padding == 1 && (bits & 0x03) != 0) ||
        (padding == 2 && (bits & 0x0f) != 0))
        return false;
    *ret = written;
    return true;
}

bool
base64_is_text(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (value_of(bytes[i]) == FOREIGN)
            return false;
    return true;
}
