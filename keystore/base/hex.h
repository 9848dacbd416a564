/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as hexadecimal digits in lower case, the one form that is written and
 * read here (RFC 4648, 8, but for the case). */
#ifndef KEYSTORE_BASE_HEX_H
#define KEYSTORE_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* LENGTH bytes as 2 * LENGTH digits and a NUL. */
void hex_write(char *ret, const uint8_t *bytes, size_t length);

/* Exactly LENGTH bytes out of TEXT; false where it is anything else. */
bool hex_read(const char *text, uint8_t *ret, size_t length);

#endif
