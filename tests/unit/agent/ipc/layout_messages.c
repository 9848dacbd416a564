/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/ipc/layout_messages.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "agent/ipc/layout.h"
#include "agent/ipc/msg_field.h"

/* Fields are counted as they are filled; number OVER is one longer than its
 * limit.  Those of one exact length are counted apart; number ODD has another.
 */
static size_t at, over, longest, rows;
static size_t exact, odd;

/* Different bytes for each field, none of them 0. */
static char arena[2 * MSG_BODY_MAX];
static size_t used;

static bool
is_over(void)
{
    return at++ == over;
}

static bool
is_odd(void)
{
    return exact++ == odd;
}

static size_t
short_of(size_t limit, size_t most)
{
    return limit < most ? limit : most;
}

/* As long as a field of LIMIT is to be now. */
static size_t
length_of(size_t limit)
{
    return is_over() ? limit + 1 : short_of(limit, longest);
}

static char *
letters(size_t length)
{
    char *start = arena + used;

    used += length + 1;
    assert_true(used <= sizeof arena);
    memset(start, 'a' + (int)(at % 26), length);
    start[length] = '\0';
    return start;
}

/* With an extension that fills it up to LENGTH bytes. */
static X509 *
make_certificate(size_t length)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    X509 *certificate = NULL;

    for (size_t filling = length - 400; filling < length; filling++) {
        ASN1_OCTET_STRING *content = ASN1_OCTET_STRING_new();
        X509_EXTENSION *extension;

        assert_true(ASN1_OCTET_STRING_set(content,
                                          (unsigned char *)letters(filling),
                                          (int)filling) == 1);
        used -= filling + 1;
        extension = X509_EXTENSION_create_by_NID(NULL, NID_netscape_comment, 0,
                                                 content);
        ASN1_OCTET_STRING_free(content);
        X509_free(certificate);
        certificate = X509_new();
        (void)X509_set_version(certificate, X509_VERSION_3);
        (void)X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
        (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        (void)X509_set_pubkey(certificate, key);
        (void)X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
        assert_true(X509_sign(certificate, key, NULL) > 0);
        if (i2d_X509(certificate, NULL) == (int)length)
            break;
    }
    EVP_PKEY_free(key);
    assert_int_equal(i2d_X509(certificate, NULL), length);
    return certificate;
}

/* Made once for each length. */
static X509 *
certificate_of(size_t length)
{
    static X509 *made[8];
    size_t i = 0;

    while (made[i] != NULL && i2d_X509(made[i], NULL) != (int)length)
        i++;
    assert_true(i < sizeof made / sizeof made[0]);
    if (made[i] == NULL)
        made[i] = make_certificate(length);
    return made[i];
}

#define FILL(kind, name, limit) FILL_##kind(name, limit)
#define FILL_NUMBER(name, limit)                                               \
    value->name = (uint32_t)((limit) + (is_over() && (limit) != UINT32_MAX));
#define FILL_TIME(name, limit) value->name = (uint64_t)(limit) + is_over();
#define FILL_FLAG(name, limit) value->name = !is_over();
#define FILL_TEXT(name, limit) value->name = letters(length_of(limit));
#define FILL_BYTES(name, limit)                                                \
    value->name.length = length_of(limit);                                     \
    value->name.at = (const uint8_t *)letters(value->name.length);
#define FILL_ARRAY(name, limit)                                                \
    value->name = is_over() ? NULL : (const uint8_t *)letters(limit);
#define FILL_CERTIFICATE(name, limit)                                          \
    value->name = certificate_of(length_of(limit));
#define FILL_ROWS(name, limit)                                                 \
    value->name##_count = is_over() ? (limit) + 1 : short_of(limit, rows);     \
    for (size_t i = 0; i < short_of(limit, rows); i++)                         \
        fill_##name(&value->name[i]);

/* The same by hand, past whatever holds the limits. */
#define RAW(kind, name, limit) RAW_##kind(name, limit)
#define RAW_NUMBER(name, limit)                                                \
    msg_put_number(msg, (uint64_t)(limit) + is_over());
#define RAW_TIME(name, limit) RAW_NUMBER(name, limit)
#define RAW_FLAG(name, limit) RAW_NUMBER(name, limit)
#define RAW_TEXT(name, limit) msg_put_text(msg, letters(length_of(limit)));
#define RAW_BYTES(name, limit) raw_bytes(msg, length_of(limit));
#define RAW_ARRAY(name, limit)                                                 \
    raw_bytes(msg, (size_t)(limit)-is_odd() + is_over());
#define RAW_CERTIFICATE(name, limit)                                           \
    raw_certificate(msg, certificate_of(length_of(limit)));
#define RAW_ROWS(name, limit)                                                  \
    msg_put_number(msg, is_over() ? (limit) + 1 : short_of(limit, rows));      \
    for (size_t i = 0; i < short_of(limit, rows); i++)                         \
        raw_##name(msg);

#define SAME(kind, name, limit) SAME_##kind(name, limit)
#define SAME_NUMBER(name, limit) &&a->name == b->name
#define SAME_TIME(name, limit) SAME_NUMBER(name, limit)
#define SAME_FLAG(name, limit) SAME_NUMBER(name, limit)
#define SAME_TEXT(name, limit) &&strcmp(a->name, b->name) == 0
#define SAME_BYTES(name, limit)                                                \
    &&a->name.length ==                                                        \
        b->name.length &&memcmp(a->name.at, b->name.at, a->name.length) == 0
#define SAME_ARRAY(name, limit) &&memcmp(a->name, b->name, limit) == 0
#define SAME_CERTIFICATE(name, limit) &&X509_cmp(a->name, b->name) == 0
#define SAME_ROWS(name, limit)                                                 \
    &&a->name##_count ==                                                       \
        b->name##_count &&same_rows_##name(a->name, b->name, a->name##_count)

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
        drop_##name(&value->name[i]);

static void
raw_bytes(struct msg *msg, size_t length)
{
    msg_put_bytes(msg, (const uint8_t *)letters(length), length);
}

static void
raw_certificate(struct msg *msg, X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    uint8_t *longer = calloc(1, (size_t)length + 1);

    memcpy(longer, der, (size_t)length);
    msg_put_bytes(msg, longer, (size_t)length + is_odd());
    free(longer);
    OPENSSL_free(der);
}

#define FIELDS(name, list)                                                     \
    static void fill_##name(struct layout_##name *value)                       \
    {                                                                          \
        LAYOUT_##list(FILL)                                                    \
    }                                                                          \
    static void raw_##name(struct msg *msg)                                    \
    {                                                                          \
        LAYOUT_##list(RAW)                                                     \
    }                                                                          \
    static bool same_##name(const struct layout_##name *a,                     \
                            const struct layout_##name *b)                     \
    {                                                                          \
        return true LAYOUT_##list(SAME);                                       \
    }                                                                          \
    static void drop_##name(struct layout_##name *value)                       \
    {                                                                          \
        LAYOUT_##list(DROP) memset(value, 0, sizeof *value);                   \
    }

#define ROW(name, list)                                                        \
    FIELDS(name, list)                                                         \
    static bool same_rows_##name(const struct layout_##name *a,                \
                                 const struct layout_##name *b, size_t count)  \
    {                                                                          \
        bool same = true;                                                      \
                                                                               \
        for (size_t i = 0; i < count; i++)                                     \
            same = same && same_##name(&a[i], &b[i]);                          \
        return same;                                                           \
    }

#define MESSAGE(name, list)                                                    \
    FIELDS(name, list)                                                         \
    static struct layout_##name put_##name##_value, got_##name##_value;        \
    static bool put_##name(struct msg *msg)                                    \
    {                                                                          \
        fill_##name(&put_##name##_value);                                      \
        return layout_##name##_put(msg, &put_##name##_value);                  \
    }                                                                          \
    static enum ks_err take_##name(struct msg *msg)                            \
    {                                                                          \
        return layout_##name##_take(msg, &got_##name##_value, NULL);           \
    }                                                                          \
    static bool equal_##name(void)                                             \
    {                                                                          \
        return same_##name(&put_##name##_value, &got_##name##_value);          \
    }                                                                          \
    static void forget_##name(void)                                            \
    {                                                                          \
        drop_##name(&got_##name##_value);                                      \
    }
#define ANSWER(name, list, program) MESSAGE(name, list)

LAYOUT_ROWS(ROW)
LAYOUT_REQUESTS(MESSAGE)
LAYOUT_ANSWERS(ANSWER)

const struct layout_message layout_messages[] = {
#define ENTRY(name, type, refusal)                                             \
    {#name,      type,        refusal,      put_##name,                        \
     raw_##name, take_##name, equal_##name, forget_##name},
#define X(name, list) ENTRY(name, list, KS_ERR_INTERNAL)
    LAYOUT_REQUESTS(X)
#undef X
#define X(name, list, program) ENTRY(name, CHANNEL_DONE, KS_ERR_HELPER)
        LAYOUT_ANSWERS(X)
#undef X
};

const size_t layout_messages_count = sizeof layout_messages /
                                     sizeof layout_messages[0];

void
layout_messages_begin(size_t number, size_t bytes, size_t count)
{
    at = exact = used = 0;
    odd = SIZE_MAX;
    over = number;
    longest = bytes;
    rows = count;
}

size_t
layout_messages_fields(void)
{
    return at;
}

void
layout_messages_make_odd(size_t number)
{
    odd = number;
}

size_t
layout_messages_exact(void)
{
    return exact;
}
