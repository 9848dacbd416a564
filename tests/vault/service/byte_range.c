/* SPDX-License-Identifier: Apache-2.0 */
/* strtoll() takes white space and signs, too, and so sees digits alone here; of
 * a number beyond its range it returns the largest, which is beyond every
 * object's end, as the number is. */
#include "tests/vault/service/byte_range.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define UNIT "bytes="

/* Take the digits at *AT; false where there are none. */
static bool
take_number(const char **at, int64_t *ret)
{
    size_t length = strspn(*at, "0123456789");

    if (length == 0)
        return false;
    *ret = strtoll(*at, NULL, 10);
    *at += length;
    return true;
}

/* "-N": the last N bytes, or all where the object has no more. */
static bool
read_suffix(const char *at, int64_t size, int64_t *ret_from,
            int64_t *ret_length)
{
    int64_t count;

    if (!take_number(&at, &count) || *at != '\0' || count == 0)
        return false;
    *ret_length = count < size ? count : size;
    *ret_from = size - *ret_length;
    return true;
}

/* "FROM-" or "FROM-TO"; a TO behind the end means the end. */
static bool
read_range(const char *at, int64_t size, int64_t *ret_from, int64_t *ret_length)
{
    int64_t to = size - 1;

    if (!take_number(&at, ret_from) || *at++ != '-')
        return false;
    if (*at != '\0' && (!take_number(&at, &to) || *at != '\0'))
        return false;
    if (to < *ret_from || *ret_from >= size)
        return false;
    *ret_length = (to < size ? to + 1 : size) - *ret_from;
    return true;
}

enum byte_range
byte_range_read(const char *header, int64_t size, int64_t *ret_from,
                int64_t *ret_length)
{
    const char *range;
    bool good;

    *ret_from = 0;
    *ret_length = size;
    if (header == NULL || size == 0 ||
        strncasecmp(header, UNIT, strlen(UNIT)) != 0 ||
        strchr(header, ',') != NULL)
        return BYTE_RANGE_ALL;
    range = header + strlen(UNIT);
    good = *range == '-' ? read_suffix(range + 1, size, ret_from, ret_length)
                         : read_range(range, size, ret_from, ret_length);
    return good ? BYTE_RANGE_PART : BYTE_RANGE_NONE;
}
