/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as text and back: hexadecimal for the database, base64 for EST and the
 * credential file, base64url for JSON.  Decoders are strict: one spelling for
 * one value. */
#ifndef VAULT_ENCODING_H
#define VAULT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#define ENCODING_HASH_HEX 65 /* of SHA-256, NUL included */
#define ENCODING_HASH_URL 44 /* the same in base64url */
#define ENCODING_UUID 37

/* Lower-case hexadecimal into RET of 2 * LENGTH + 1 bytes. */
void encoding_hex(const uint8_t *bytes, size_t length, char *ret);

/* LENGTH bytes out of as many pairs of digits; false where TEXT is longer,
 * shorter or something else. */
bool encoding_from_hex(const char *text, uint8_t *ret, size_t length);

/* SHA-256 of BYTES, in hexadecimal or in base64url. */
bool encoding_hash(const void *bytes, size_t length,
                   char ret[static ENCODING_HASH_HEX]);
bool encoding_hash_url(const void *bytes, size_t length,
                       char ret[static ENCODING_HASH_URL]);

/* A hash in hexadecimal as base64url, for JSON, and back. */
bool encoding_url_of_hex(const char *hex, char ret[static ENCODING_HASH_URL]);
bool encoding_hex_of_url(const char *url, char ret[static ENCODING_HASH_HEX]);

/* New text, NULL without memory.  The second has a line end after every 64
 * characters. */
char *encoding_base64(const uint8_t *bytes, size_t length);
char *encoding_base64_lines(const uint8_t *bytes, size_t length);
char *encoding_base64url(const void *bytes, size_t length);

/* New bytes; NULL where TEXT is not canonical.  White space is allowed in
 * base64 (RFC 8951, 3.1), nothing but the alphabet in base64url. */
uint8_t *encoding_from_base64(const char *text, size_t length, size_t *ret);
uint8_t *encoding_from_base64url(const char *text, size_t length, size_t *ret);

/* A random UUID (RFC 9562, version 4). */
bool encoding_uuid(char ret[static ENCODING_UUID]);

/* A DER certificate, in hexadecimal, as the database has it; NULL where it is
 * none. */
X509 *encoding_certificate(const char *hex);

#endif
