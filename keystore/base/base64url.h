/* SPDX-License-Identifier: Apache-2.0 */
/* base64url without padding, read (RFC 4648, 5; RFC 7515, 2). */
#ifndef KEYSTORE_BASE_BASE64URL_H
#define KEYSTORE_BASE_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of TEXT into RET, which has room for MOST.  False where it is
 * another form, a second spelling of the same bytes among them, or longer. */
bool base64url_read(const char *text, uint8_t *ret, size_t most,
                    size_t *ret_length);

#endif
