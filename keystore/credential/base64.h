/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648, 4) decoded where it stands, so that a key's text leaves no
 * second copy.
 */
#ifndef KEYSTORE_CREDENTIAL_BASE64_H
#define KEYSTORE_CREDENTIAL_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Replace LENGTH characters in TEXT by the bytes that they stand for, *RET of
 * them.  Blanks and line ends are passed over.  False, with TEXT spoilt: a
 * foreign character, wrong padding, or bits behind the last byte. */
bool base64_decode(uint8_t *text, size_t length, size_t *ret);

/* Is it nothing but characters of base64, padding and white space? */
bool base64_is_text(const uint8_t *bytes, size_t length);

#endif
