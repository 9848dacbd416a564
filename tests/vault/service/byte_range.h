/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of an object a request's Range header asks for (RFC 9110, 14). */
#ifndef VAULT_BYTE_RANGE_H
#define VAULT_BYTE_RANGE_H

#include <stdint.h>

enum byte_range {
    BYTE_RANGE_ALL,  /* 200: no range, or one that is to be passed over */
    BYTE_RANGE_PART, /* 206 */
    BYTE_RANGE_NONE  /* 416: malformed, or none of its bytes are there */
};

/* What HEADER (NULL: there is none) asks for of SIZE bytes: FROM-TO, FROM-, or
 * the last N as -N.  Passed over, as RFC 9110 has it or lets a server choose,
 * are other units than bytes, several ranges at once, and every range of an
 * empty object, of which no part can be named.  Without BYTE_RANGE_NONE the
 * part is RET_LENGTH bytes behind the first RET_FROM. */
enum byte_range byte_range_read(const char *header, int64_t size,
                                int64_t *ret_from, int64_t *ret_length);

#endif
