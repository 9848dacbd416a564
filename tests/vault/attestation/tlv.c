/* SPDX-License-Identifier: Apache-2.0 */
/* Every step takes from the front of what is left and never looks behind its
 * end, so that no length of a stranger's is added to anything. */
#include "tests/vault/attestation/tlv.h"

#include <string.h>
#include <time.h>

#define LENGTH_BYTES 4 /* no certificate has 4 GiB */

/* The length behind a tag, off the front of FROM. */
static bool
take_length(struct tlv_bytes *from, size_t *ret)
{
    size_t count;

    if (from->length == 0)
        return false;
    *ret = *from->at++;
    from->length--;
    if (*ret < 0x80)
        return true;
    count = *ret & 0x7f;
    *ret = 0;
    if (count == 0 || count > LENGTH_BYTES || count > from->length)
        return false;
    for (size_t i = 0; i < count; i++)
        *ret = *ret << 8 | *from->at++;
    from->length -= count;
    return true;
}

bool
tlv_next(struct tlv_bytes *from, struct tlv *ret)
{
    struct tlv_bytes rest = *from;
    size_t length;

    if (rest.length == 0 || (rest.at[0] & 0x1f) == 0x1f)
        return false;
    ret->tag = *rest.at++;
    rest.length--;
    if (!take_length(&rest, &length) || length > rest.length)
        return false;
    ret->content = (struct tlv_bytes){rest.at, length};
    rest.at += length;
    rest.length -= length;
    ret->whole = (struct tlv_bytes){from->at, from->length - rest.length};
    *from = rest;
    return true;
}

bool
tlv_take(struct tlv_bytes *from, uint8_t tag, struct tlv *ret)
{
    return from->length > 0 && from->at[0] == tag && tlv_next(from, ret);
}

bool
tlv_is(struct tlv_bytes bytes, const void *expected, size_t length)
{
    return bytes.length == length && memcmp(bytes.at, expected, length) == 0;
}

bool
tlv_bits(const struct tlv *bit_string, struct tlv_bytes *ret)
{
    *ret = bit_string->content;
    if (ret->length < 1 || ret->at[0] != 0)
        return false;
    ret->at++;
    ret->length--;
    return true;
}

/* Digits off the front of FROM. */
static bool
take_digits(struct tlv_bytes *from, size_t count, int *ret)
{
    *ret = 0;
    if (from->length < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint8_t c = *from->at++;

        if (c < '0' || c > '9')
            return false;
        *ret = *ret * 10 + (c - '0');
    }
    from->length -= count;
    return true;
}

/* "Z", or how far ahead of it a clock was: "+0130". */
static bool
take_zone(struct tlv_bytes *from, int64_t *ret)
{
    int sign;
    int hours;
    int minutes;

    *ret = 0;
    if (from->length == 1 && from->at[0] == 'Z')
        return true;
    if (from->length != 5 || (from->at[0] != '+' && from->at[0] != '-'))
        return false;
    sign = *from->at++ == '+' ? 1 : -1;
    from->length--;
    if (!take_digits(from, 2, &hours) || !take_digits(from, 2, &minutes))
        return false;
    *ret = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool
tlv_time(const struct tlv *time, int64_t *ret)
{
    struct tlv_bytes rest = time->content;
    struct tm when = {.tm_isdst = 0};
    bool short_year = time->tag == TLV_UTC_TIME;
    int64_t ahead;

    if ((!short_year && time->tag != TLV_GENERALIZED_TIME) ||
        !take_digits(&rest, short_year ? 2 : 4, &when.tm_year) ||
        !take_digits(&rest, 2, &when.tm_mon) ||
        !take_digits(&rest, 2, &when.tm_mday) ||
        !take_digits(&rest, 2, &when.tm_hour) ||
        !take_digits(&rest, 2, &when.tm_min))
        return false;
    if (rest.length > 0 && rest.at[0] >= '0' && rest.at[0] <= '9' &&
        !take_digits(&rest, 2, &when.tm_sec))
        return false;
    if (!take_zone(&rest, &ahead) || when.tm_mon < 1 || when.tm_mon > 12 ||
        when.tm_mday < 1 || when.tm_mday > 31 || when.tm_hour > 23 ||
        when.tm_min > 59 || when.tm_sec > 60)
        return false;
    /* RFC 5280, 4.1.2.5.1: two digits of 50 and more are of 19.. */
    if (short_year)
        when.tm_year += when.tm_year >= 50 ? 0 : 100;
    else
        when.tm_year -= 1900;
    when.tm_mon--;
    *ret = (int64_t)timegm(&when) - ahead;
    return true;
}
