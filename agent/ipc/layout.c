/* SPDX-License-Identifier: Apache-2.0 */
/* A function per kind of field and direction; what calls them in the order of a
 * list is made from the list. */
#include "agent/ipc/layout.h"

#include <stdio.h>
#include <string.h>

#include "agent/ipc/msg_field.h"

static void
put_number(struct msg *msg, uint64_t number, uint64_t limit)
{
    if (number > limit)
        msg_spoil(msg);
    msg_put_number(msg, number);
}

static void
put_text(struct msg *msg, const char *text, size_t limit)
{
    if (text == NULL)
        text = "";
    if (strlen(text) > limit)
        msg_spoil(msg);
    msg_put_text(msg, text);
}

static void
put_bytes(struct msg *msg, struct layout_bytes bytes, size_t limit)
{
    if (bytes.length > limit)
        msg_spoil(msg);
    msg_put_bytes(msg, bytes.at, bytes.length);
}

static void
put_array(struct msg *msg, const uint8_t *array, size_t length)
{
    if (array == NULL)
        msg_spoil(msg);
    msg_put_bytes(msg, array, length);
}

static void
put_certificate(struct msg *msg, X509 *certificate, size_t limit)
{
    unsigned char *der = NULL;
    int length = certificate != NULL ? i2d_X509(certificate, &der) : -1;

    if (length > 0)
        put_bytes(msg, (struct layout_bytes){der, (size_t)length}, limit);
    else
        msg_spoil(msg);
    OPENSSL_free(der);
}

static uint64_t
take_number(struct msg *msg, uint64_t limit)
{
    uint64_t number = msg_get_number(msg);

    if (number > limit)
        msg_spoil(msg);
    return number <= limit ? number : 0;
}

static const char *
take_text(struct msg *msg, size_t limit)
{
    const char *text = msg_get_text(msg);

    if (strlen(text) > limit)
        msg_spoil(msg);
    return text;
}

static struct layout_bytes
take_bytes(struct msg *msg, size_t limit)
{
    struct layout_bytes bytes;

    bytes.at = msg_get_bytes(msg, &bytes.length);
    if (bytes.length > limit)
        msg_spoil(msg);
    return bytes;
}

static const uint8_t *
take_array(struct msg *msg, size_t length)
{
    struct layout_bytes bytes = take_bytes(msg, length);

    if (bytes.length != length)
        msg_spoil(msg);
    return bytes.at;
}

static X509 *
take_certificate(struct msg *msg, size_t limit)
{
    struct layout_bytes der = take_bytes(msg, limit);
    const uint8_t *at = der.at;
    X509 *certificate = at != NULL && der.length <= limit
                            ? d2i_X509(NULL, &at, (long)der.length)
                            : NULL;

    if (certificate == NULL || at != der.at + der.length)
        msg_spoil(msg);
    return certificate;
}

#define PUT(kind, name, limit) PUT_##kind(name, limit)
#define PUT_NUMBER(name, limit) put_number(msg, value->name, limit);
#define PUT_TIME(name, limit) put_number(msg, value->name, limit);
#define PUT_FLAG(name, limit) put_number(msg, value->name, 1);
#define PUT_TEXT(name, limit) put_text(msg, value->name, limit);
#define PUT_BYTES(name, limit) put_bytes(msg, value->name, limit);
#define PUT_ARRAY(name, limit) put_array(msg, value->name, limit);
#define PUT_CERTIFICATE(name, limit) put_certificate(msg, value->name, limit);
#define PUT_ROWS(name, limit)                                                  \
    put_number(msg, value->name##_count, limit);                               \
    for (size_t i = 0; i < value->name##_count && i < (limit); i++)            \
        put_fields_##name(msg, &value->name[i]);

#define TAKE(kind, name, limit) TAKE_##kind(name, limit)
#define TAKE_NUMBER(name, limit)                                               \
    value->name = (uint32_t)take_number(msg, limit);
#define TAKE_TIME(name, limit) value->name = take_number(msg, limit);
#define TAKE_FLAG(name, limit) value->name = take_number(msg, 1) == 1;
#define TAKE_TEXT(name, limit) value->name = take_text(msg, limit);
#define TAKE_BYTES(name, limit) value->name = take_bytes(msg, limit);
#define TAKE_ARRAY(name, limit) value->name = take_array(msg, limit);
#define TAKE_CERTIFICATE(name, limit)                                          \
    value->name = take_certificate(msg, limit);
#define TAKE_ROWS(name, limit)                                                 \
    value->name##_count = take_number(msg, limit);                             \
    for (size_t i = 0; i < value->name##_count; i++)                           \
        take_fields_##name(msg, &value->name[i]);

/* Frees what was taken of a message that is refused after all. */
#define DROP(kind, name, limit) DROP_##kind(name)
#define DROP_NUMBER(name)
#define DROP_TIME(name)
#define DROP_FLAG(name)
#define DROP_TEXT(name)
#define DROP_BYTES(name)
#define DROP_ARRAY(name)
#define DROP_CERTIFICATE(name) X509_free(value->name);
#define DROP_ROWS(name)                                                        \
    for (size_t i = 0; i < value->name##_count; i++)                           \
        drop_fields_##name(&value->name[i]);

#define FIELDS(name, list)                                                     \
    static void put_fields_##name(struct msg *msg,                             \
                                  const struct layout_##name *value)           \
    {                                                                          \
        LAYOUT_##list(PUT)                                                     \
    }                                                                          \
    static void take_fields_##name(struct msg *msg,                            \
                                   struct layout_##name *value)                \
    {                                                                          \
        LAYOUT_##list(TAKE)                                                    \
    }                                                                          \
    static void drop_fields_##name(struct layout_##name *value)                \
    {                                                                          \
        LAYOUT_##list(DROP) memset(value, 0, sizeof *value);                   \
    }

#define MESSAGE(name, list, type, malformed)                                   \
    FIELDS(name, list)                                                         \
    bool layout_##name##_put(struct msg *msg,                                  \
                             const struct layout_##name *value)                \
    {                                                                          \
        msg_begin(msg, type);                                                  \
        put_fields_##name(msg, value);                                         \
        return msg_fits(msg);                                                  \
    }                                                                          \
    enum ks_err layout_##name##_take(                                          \
        struct msg *msg, struct layout_##name *value, struct err_cause *cause) \
    {                                                                          \
        memset(value, 0, sizeof *value);                                       \
        if (msg_type(msg) != (uint32_t)(type))                                 \
            return malformed;                                                  \
        take_fields_##name(msg, value);                                        \
        if (msg_complete(msg))                                                 \
            return KS_OK;                                                      \
        drop_fields_##name(value);                                             \
        return malformed;                                                      \
    }

#define REQUEST(name, list)                                                    \
    MESSAGE(name, list, list, msg_malformed_request(cause))
#define ANSWER(name, list, program)                                            \
    MESSAGE(name, list, CHANNEL_DONE, msg_malformed_answer(program, cause))

LAYOUT_ROWS(FIELDS)
LAYOUT_REQUESTS(REQUEST)
LAYOUT_ANSWERS(ANSWER)

static bool
has_fields(enum channel_message type)
{
#define X(name, list) type == (list) ||
    return LAYOUT_REQUESTS(X) false;
#undef X
}

void
layout_bare_put(struct msg *msg, enum channel_message type)
{
    msg_begin(msg, type);
    if (has_fields(type))
        msg_spoil(msg);
}

enum ks_err
layout_bare_take(struct msg *msg, struct err_cause *cause)
{
    return msg_complete(msg) ? KS_OK : msg_malformed_request(cause);
}

void
layout_done_put(struct msg *msg)
{
    layout_bare_put(msg, CHANNEL_DONE);
}

enum ks_err
layout_done_take(struct msg *msg, const char *program, struct err_cause *cause)
{
    return msg_type(msg) == CHANNEL_DONE && msg_complete(msg)
               ? KS_OK
               : msg_malformed_answer(program, cause);
}

void
layout_copy(const char *text, char *ret, size_t size)
{
    (void)snprintf(ret, size, "%s", text);
    err_escape(ret);
}
