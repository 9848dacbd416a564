/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's own encoders.  Must share none with the agent: a bug that both
 * had would hide itself. */
#include "tests/vault/service/encoding.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#define LINE 64

static const char standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
encoding_hex(const uint8_t *bytes, size_t length, char *ret)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        *ret++ = digits[bytes[i] >> 4];
        *ret++ = digits[bytes[i] & 15];
    }
    *ret = '\0';
}

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
encoding_from_hex(const char *text, uint8_t *ret, size_t length)
{
    if (strlen(text) != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++) {
        int high = digit(text[2 * i]);
        int low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* LENGTH bytes in ALPHABET; padded where it has '+', a line end after every
 * LINES characters unless 0. */
static char *
encode(const uint8_t *bytes, size_t length, const char *alphabet, size_t lines)
{
    size_t count = (length + 2) / 3 * 4;
    char *text = malloc(count + (lines != 0 ? count / lines + 2 : 1));
    char *at = text;
    size_t column = 0;

    for (size_t i = 0; text != NULL && i < length; i += 3) {
        size_t left = length - i;
        uint32_t group = (uint32_t)bytes[i] << 16;

        group |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)bytes[i + 2] : 0;
        for (unsigned j = 0; j < 4; j++)
            if (j <= left)
                *at++ = alphabet[group >> (18 - 6 * j) & 63];
            else if (alphabet == standard)
                *at++ = '=';
        column += 4;
        if (lines != 0 && (column % lines == 0 || left <= 3))
            *at++ = '\n';
    }
    if (text != NULL)
        *at = '\0';
    return text;
}

char *
encoding_base64(const uint8_t *bytes, size_t length)
{
    return encode(bytes, length, standard, 0);
}

char *
encoding_base64_lines(const uint8_t *bytes, size_t length)
{
    return encode(bytes, length, standard, LINE);
}

char *
encoding_base64url(const void *bytes, size_t length)
{
    return encode(bytes, length, url, 0);
}

/* DIGITS of ALPHABET, COUNT of them and nothing else. */
static uint8_t *
decode(const char *digits, size_t count, const char *alphabet, size_t *ret)
{
    uint8_t *bytes = malloc(count / 4 * 3 + 3);
    size_t length = 0;
    uint32_t group = 0;
    unsigned bits = 0;
    bool good = bytes != NULL && count % 4 != 1;

    for (size_t i = 0; good && i < count; i++) {
        const char *value = memchr(alphabet, digits[i], 64);

        good = value != NULL;
        if (!good)
            break;
        group = group << 6 | (uint32_t)(value - alphabet);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[length++] = (uint8_t)(group >> bits);
        }
        group &= (1U << bits) - 1;
    }
    /* Bits left over would be a second spelling of the same bytes. */
    if (!good || group != 0) {
        free(bytes);
        return NULL;
    }
    *ret = length;
    return bytes;
}

uint8_t *
encoding_from_base64url(const char *text, size_t length, size_t *ret)
{
    return decode(text, length, url, ret);
}

uint8_t *
encoding_from_base64(const char *text, size_t length, size_t *ret)
{
    char *digits = malloc(length + 1);
    uint8_t *bytes = NULL;
    size_t count = 0;
    size_t padding = 0;

    for (size_t i = 0; digits != NULL && i < length; i++)
        if (!isspace((unsigned char)text[i]))
            digits[count++] = text[i];
    while (padding < count && padding < 2 && digits[count - padding - 1] == '=')
        padding++;
    if (digits != NULL && count % 4 == 0)
        bytes = decode(digits, count - padding, standard, ret);
    free(digits);
    return bytes;
}

bool
encoding_hash(const void *bytes, size_t length,
              char ret[static ENCODING_HASH_HEX])
{
    uint8_t hash[SHA256_DIGEST_LENGTH];

    if (EVP_Q_digest(NULL, "SHA256", NULL, bytes, length, hash, NULL) != 1)
        return false;
    encoding_hex(hash, sizeof hash, ret);
    return true;
}

bool
encoding_hash_url(const void *bytes, size_t length,
                  char ret[static ENCODING_HASH_URL])
{
    char hex[ENCODING_HASH_HEX];

    return encoding_hash(bytes, length, hex) && encoding_url_of_hex(hex, ret);
}

bool
encoding_url_of_hex(const char *hex, char ret[static ENCODING_HASH_URL])
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    char *text;

    if (!encoding_from_hex(hex, hash, sizeof hash))
        return false;
    text = encoding_base64url(hash, sizeof hash);
    if (text != NULL)
        (void)snprintf(ret, ENCODING_HASH_URL, "%s", text);
    free(text);
    return text != NULL;
}

bool
encoding_hex_of_url(const char *text, char ret[static ENCODING_HASH_HEX])
{
    size_t length = 0;
    uint8_t *hash = encoding_from_base64url(text, strlen(text), &length);
    bool done = hash != NULL && length == SHA256_DIGEST_LENGTH;

    if (done)
        encoding_hex(hash, length, ret);
    free(hash);
    return done;
}

bool
encoding_uuid(char ret[static ENCODING_UUID])
{
    uint8_t bytes[16];
    char hex[33];

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    encoding_hex(bytes, sizeof bytes, hex);
    (void)snprintf(ret, ENCODING_UUID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
                   hex + 8, hex + 12, hex + 16, hex + 20);
    return true;
}

X509 *
encoding_certificate(const char *hex)
{
    size_t length = strlen(hex) / 2;
    uint8_t *der = malloc(length + 1);
    const unsigned char *at = der;
    X509 *certificate = NULL;

    if (der != NULL && encoding_from_hex(hex, der, length))
        certificate = d2i_X509(NULL, &at, (long)length);
    free(der);
    return certificate;
}
