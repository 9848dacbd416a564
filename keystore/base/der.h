/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER (X.690) read in place: definite, shortest lengths only, no copies.  For
 * the few structures whose bytes must not pass through a general decoder or
 * encoder.
 */
#ifndef KEYSTORE_BASE_DER_H
#define KEYSTORE_BASE_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_OCTET_STRING 0x04
#define DER_NULL 0x05
#define DER_OID 0x06
#define DER_SEQUENCE 0x30
#define DER_CONTEXT 0xa0 /* + the number of a constructed context tag */

/* A reader of bytes that belong to somebody else. */
struct der {
    const uint8_t *bytes;
    size_t left;
};

/* Take the next element off FROM if it has TAG; *RET is its content.  On
 * failure FROM stays where it was. */
bool der_take(struct der *from, uint8_t tag, struct der *ret);

/* The same for an INTEGER that is not negative; *RET comes without leading
 * zero bytes, empty for zero. */
bool der_take_unsigned(struct der *from, struct der *ret);

/* Write the header of an element of TAG with LENGTH (below 65536) bytes of
 * content; how many bytes of RET it takes. */
#define DER_HEADER_MAX 4
size_t der_header(uint8_t ret[static DER_HEADER_MAX], uint8_t tag,
                  size_t length);

/* Are exactly these bytes left? */
bool der_equals(const struct der *der, const void *bytes, size_t length);

#endif
