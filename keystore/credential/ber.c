/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of BER.  Reads private keys: must neither print nor keep a copy. */
#include "keystore/credential/ber.h"

#include <string.h>

#define CONSTRUCTED 0x20
#define INDEFINITE 0x80
#define TAG_NUMBER 0x1f /* of more bytes: in no structure read here */
#define DEPTH_MAX 16    /* of elements in each other */

/* The length behind the tag; *USED is how many bytes tell it. */
static bool
read_length(const uint8_t *bytes, size_t left, size_t *used, size_t *ret)
{
    size_t count = (size_t)bytes[0] - INDEFINITE;
    size_t length = 0;

    if (bytes[0] < INDEFINITE) {
        *used = 1;
        *ret = bytes[0];
        return true;
    }
    if (count > left - 1)
        return false;
    for (size_t i = 1; i <= count; i++) {
        if (length > left)
            return false; /* more than there is, and soon more than fits */
        length = length << 8 | bytes[i];
    }
    *used = 1 + count;
    *ret = length;
    return true;
}

static bool
ends(const struct der *rest)
{
    return rest->left >= 2 && rest->bytes[0] == 0 && rest->bytes[1] == 0;
}

/* The first element of FROM: its content, and how long it is as a whole */
static bool
measure(const struct der *from, unsigned depth, struct der *content,
        size_t *whole)
{
    struct der rest;
    size_t used;
    size_t length;

    if (depth == 0 || from->left < 2 ||
        (from->bytes[0] & TAG_NUMBER) == TAG_NUMBER)
        return false;
    if (from->bytes[1] != INDEFINITE) {
        if (!read_length(from->bytes + 1, from->left - 1, &used, &length) ||
            length > from->left - 1 - used)
            return false;
        *content = (struct der){from->bytes + 1 + used, length};
        *whole = 1 + used + length;
        return true;
    }
    if ((from->bytes[0] & CONSTRUCTED) == 0)
        return false;
    rest = (struct der){from->bytes + 2, from->left - 2};
    while (!ends(&rest)) {
        if (!measure(&rest, depth - 1, content, whole))
            return false;
        rest.bytes += *whole;
        rest.left -= *whole;
    }
    *content = (struct der){from->bytes + 2, from->left - 2 - rest.left};
    *whole = 2 + content->left + 2;
    return true;
}

bool
ber_take(struct der *from, uint8_t tag, struct der *ret)
{
    struct der content;
    size_t whole;

    if (from->left < 1 || from->bytes[0] != tag ||
        !measure(from, DEPTH_MAX, &content, &whole))
        return false;
    *ret = content;
    from->bytes += whole;
    from->left -= whole;
    return true;
}

bool
ber_take_unsigned(struct der *from, struct der *ret)
{
    struct der number;

    if (!ber_take(from, DER_INTEGER, &number) || number.left == 0)
        return false;
    while (number.left > 0 && number.bytes[0] == 0) {
        number.bytes++;
        number.left--;
    }
    *ret = number;
    return true;
}

static bool
join(struct der *from, uint8_t *to, size_t size, size_t *used, unsigned depth)
{
    struct der content;

    if (ber_take(from, DER_OCTET_STRING, &content)) {
        size_t room = *used < size ? size - *used : 0;
        size_t length = content.left < room ? content.left : room;

        if (length > 0)
            memcpy(to + *used, content.bytes, length);
        *used += content.left;
        return true;
    }
    if (depth == 0 || !ber_take(from, DER_OCTET_STRING | CONSTRUCTED, &content))
        return false;
    while (content.left > 0)
        if (!join(&content, to, size, used, depth - 1))
            return false;
    return true;
}

bool
ber_take_octets(struct der *from, uint8_t *to, size_t size, size_t *ret)
{
    *ret = 0;
    return join(from, to, size, ret, DEPTH_MAX);
}
