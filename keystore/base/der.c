/* SPDX-License-Identifier: Apache-2.0 */
/* Tags, lengths and numbers of DER.  Reads private keys: must neither copy
 * nor print. */
#include "keystore/base/der.h"

#include <string.h>

#define LONG_FORM 0x80
#define LENGTH_BYTES_MAX 2 /* enough for anything read here */

/* The length after a tag (X.690, 8.1.3 and 10.1), the short form whenever it
 * can be used.  *USED is how many bytes tell it. */
static bool
read_length(const uint8_t *bytes, size_t left, size_t *used, size_t *ret)
{
    size_t count;
    size_t length = 0;

    if (left == 0)
        return false;
    if (bytes[0] < LONG_FORM) {
        *used = 1;
        *ret = bytes[0];
        return true;
    }
    count = bytes[0] - LONG_FORM;
    if (count == 0 || count > LENGTH_BYTES_MAX || count > left - 1)
        return false;
    for (size_t i = 1; i <= count; i++)
        length = length << 8 | bytes[i];
    if (bytes[1] == 0 || length < LONG_FORM)
        return false;
    *used = 1 + count;
    *ret = length;
    return true;
}

bool
der_take(struct der *from, uint8_t tag, struct der *ret)
{
    size_t used;
    size_t length;

    if (from->left < 1 || from->bytes[0] != tag ||
        !read_length(from->bytes + 1, from->left - 1, &used, &length) ||
        length > from->left - 1 - used)
        return false;
    *ret = (struct der){from->bytes + 1 + used, length};
    from->bytes += 1 + used + length;
    from->left -= 1 + used + length;
    return true;
}

bool
der_take_unsigned(struct der *from, struct der *ret)
{
    struct der rest = *from;
    struct der number;

    if (!der_take(&rest, DER_INTEGER, &number) || number.left == 0 ||
        number.bytes[0] >= 0x80)
        return false;
    if (number.bytes[0] == 0) {
        number.bytes++;
        number.left--;
        /* A zero byte in front is there for the sign and for nothing else. */
        if (number.left > 0 && number.bytes[0] < 0x80)
            return false;
    }
    *from = rest;
    *ret = number;
    return true;
}

size_t
der_header(uint8_t ret[static DER_HEADER_MAX], uint8_t tag, size_t length)
{
    size_t at = 0;

    ret[at++] = tag;
    if (length > 0xff)
        ret[at++] = LONG_FORM + 2;
    else if (length >= LONG_FORM)
        ret[at++] = LONG_FORM + 1;
    if (length > 0xff)
        ret[at++] = (uint8_t)(length >> 8);
    ret[at++] = (uint8_t)length;
    return at;
}

bool
der_equals(const struct der *der, const void *bytes, size_t length)
{
    return der->left == length && memcmp(der->bytes, bytes, length) == 0;
}
