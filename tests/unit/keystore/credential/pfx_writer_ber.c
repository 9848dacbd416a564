/* SPDX-License-Identifier: Apache-2.0 */
/* Elements in DER, and DER in the other forms of BER. */
#include "tests/unit/keystore/credential/pfx_writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#define PIECE 100
#define PARTS_MAX 9

struct fixture_bytes
pfx_writer_bytes(const void *bytes, size_t length)
{
    struct fixture_bytes ret = {OPENSSL_malloc(length + 1), length};

    FIXTURE_NEED(ret.bytes != NULL);
    if (length > 0)
        memcpy(ret.bytes, bytes, length);
    return ret;
}

static void
append(struct fixture_bytes *to, const void *bytes, size_t length)
{
    to->bytes = OPENSSL_clear_realloc(to->bytes, to->length,
                                      to->length + length + 1);
    FIXTURE_NEED(to->bytes != NULL);
    if (length > 0)
        memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
}

struct fixture_bytes
pfx_writer_join(struct fixture_bytes first, struct fixture_bytes second)
{
    append(&first, second.bytes, second.length);
    fixture_free(&second);
    return first;
}

static void
append_header(struct fixture_bytes *to, uint8_t tag, size_t length,
              enum pfx_writer_form form)
{
    uint8_t head[10] = {tag};
    size_t used = 1;
    size_t shift = length > 0xffff ? 24 : length > 0xff ? 16 : 8;

    if (form == PFX_WRITER_LONG) {
        head[used++] = 0x88;
        for (int i = 7; i >= 0; i--)
            head[used++] = (uint8_t)(length >> (8 * i));
    } else if (form != PFX_WRITER_DER) {
        head[used++] = 0x80;
    } else if (length < 0x80) {
        head[used++] = (uint8_t)length;
    } else {
        head[used++] = (uint8_t)(0x80 + shift / 8);
        for (; shift > 0; shift -= 8)
            head[used++] = (uint8_t)(length >> (shift - 8));
        if (head[2] == 0) { /* shortest: 0x81 for less than 256 */
            memmove(head + 2, head + 3, used - 3);
            head[1]--;
            used--;
        }
    }
    append(to, head, used);
}

struct fixture_bytes
pfx_writer_put(uint8_t tag, unsigned count, ...)
{
    struct fixture_bytes content = {NULL, 0};
    struct fixture_bytes ret = {NULL, 0};
    va_list list;

    FIXTURE_NEED(count <= PARTS_MAX);
    va_start(list, count);
    for (unsigned i = 0; i < count; i++) {
        struct fixture_bytes part = va_arg(list, struct fixture_bytes);

        append(&content, part.bytes, part.length);
        fixture_free(&part);
    }
    va_end(list);
    append_header(&ret, tag, content.length, PFX_WRITER_DER);
    append(&ret, content.bytes, content.length);
    fixture_free(&content);
    return ret;
}

struct fixture_bytes
pfx_writer_oid(int nid)
{
    struct fixture_bytes ret = {NULL, 0};
    int length = i2d_ASN1_OBJECT(OBJ_nid2obj(nid), &ret.bytes);

    FIXTURE_NEED(length > 0);
    ret.length = (size_t)length;
    return ret;
}

/* A string of octets (or an implicit one, TAG) in pieces */
static void
append_pieces(struct fixture_bytes *to, uint8_t tag, const uint8_t *content,
              size_t length)
{
    append_header(to, tag | 0x20, 0, PFX_WRITER_INDEFINITE);
    for (size_t at = 0; at < length; at += PIECE) {
        size_t piece = length - at < PIECE ? length - at : PIECE;

        append_header(to, 0x04, piece, PFX_WRITER_DER);
        append(to, content + at, piece);
    }
    append(to, "\0\0", 2);
}

static void
append_reformed(struct fixture_bytes *to, const uint8_t *der, size_t length,
                enum pfx_writer_form form)
{
    const uint8_t *end = der + length;

    while (der < end) {
        const unsigned char *content = der;
        uint8_t tag = der[0];
        struct fixture_bytes inner = {NULL, 0};
        long size;
        int number;
        int class;

        FIXTURE_NEED(
            (ASN1_get_object(&content, &size, &number, &class, end - der) &
             0x80) == 0);
        if ((tag & 0x20) != 0)
            append_reformed(&inner, content, (size_t)size, form);
        else
            append(&inner, content, (size_t)size);
        if (form == PFX_WRITER_PIECES && (tag == 0x04 || tag == 0x80)) {
            append_pieces(to, tag, inner.bytes, inner.length);
        } else if ((tag & 0x20) == 0 && form != PFX_WRITER_LONG) {
            append_header(to, tag, inner.length, PFX_WRITER_DER);
            append(to, inner.bytes, inner.length);
        } else {
            append_header(to, tag, inner.length, form);
            append(to, inner.bytes, inner.length);
            if (form != PFX_WRITER_LONG)
                append(to, "\0\0", 2);
        }
        fixture_free(&inner);
        der = content + size;
    }
}

struct fixture_bytes
pfx_writer_reform(struct fixture_bytes der, enum pfx_writer_form form)
{
    struct fixture_bytes ret = {NULL, 0};

    if (form == PFX_WRITER_DER)
        return der;
    append_reformed(&ret, der.bytes, der.length, form);
    fixture_free(&der);
    return ret;
}

struct fixture_bytes
pfx_writer_text(const char *text)
{
    return pfx_writer_put(0x04, 1, pfx_writer_bytes(text, strlen(text)));
}

struct fixture_bytes
pfx_writer_bag(uint8_t type, struct fixture_bytes content)
{
    const uint8_t oid[] = {0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                           0x0d, 0x01, 0x0c, 0x0a, 0x01, type};

    return pfx_writer_put(0x30, 2, pfx_writer_bytes(oid, sizeof oid),
                          pfx_writer_put(0xa0, 1, content));
}
