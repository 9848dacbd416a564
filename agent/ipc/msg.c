/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding: type and body length (32 bits each), then fields of a tag byte, a
 * 32-bit length and the value; all in host order, both ends are this machine.
 * Every length from the peer is checked against what really came. */
#include "agent/ipc/msg_field.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>

enum tag {
    TAG_NUMBER = 1,
    TAG_TEXT,
    TAG_BYTES,
};

#define FIELD_HEAD (1 + sizeof(uint32_t))

struct head {
    uint32_t type;
    uint32_t length;
};

struct msg {
    struct head head;
    uint8_t body[MSG_BODY_MAX];
    size_t at; /* of the next field to take */
    bool spoilt;
};

struct msg *
msg_new(void)
{
    return calloc(1, sizeof(struct msg));
}

void
msg_free(struct msg **msg)
{
    if (*msg == NULL)
        return;
    OPENSSL_cleanse(*msg, sizeof **msg);
    free(*msg);
    *msg = NULL;
}

void
msg_begin(struct msg *msg, uint32_t type)
{
    OPENSSL_cleanse(msg->body, msg->head.length);
    msg->head = (struct head){.type = type};
    msg->at = 0;
    msg->spoilt = false;
}

static bool
is_inside(const struct msg *msg, const void *value)
{
    uintptr_t at = (uintptr_t)value;

    return at >= (uintptr_t)msg->body &&
           at < (uintptr_t)msg->body + sizeof msg->body;
}

static void
put(struct msg *msg, enum tag tag, const void *value, size_t length)
{
    uint32_t length32 = (uint32_t)length;
    uint8_t *end = msg->body + msg->head.length;

    if (msg->spoilt || is_inside(msg, value) || length > MSG_BODY_MAX ||
        FIELD_HEAD + length > MSG_BODY_MAX - msg->head.length) {
        msg->spoilt = true;
        return;
    }
    end[0] = (uint8_t)tag;
    memcpy(end + 1, &length32, sizeof length32);
    if (length > 0)
        memcpy(end + FIELD_HEAD, value, length);
    msg->head.length += (uint32_t)(FIELD_HEAD + length);
}

void
msg_put_number(struct msg *msg, uint64_t number)
{
    put(msg, TAG_NUMBER, &number, sizeof number);
}

void
msg_put_text(struct msg *msg, const char *text)
{
    put(msg, TAG_TEXT, text, strlen(text) + 1);
}

void
msg_put_bytes(struct msg *msg, const uint8_t *bytes, size_t length)
{
    put(msg, TAG_BYTES, bytes, length);
}

void
msg_copy(struct msg *to, const struct msg *from)
{
    msg_begin(to, from->head.type);
    memcpy(to->body, from->body, from->head.length);
    to->head.length = from->head.length;
}

uint32_t
msg_type(const struct msg *msg)
{
    return msg->head.type;
}

static const uint8_t *
get(struct msg *msg, enum tag tag, size_t *ret_length)
{
    size_t left = msg->head.length - msg->at;
    const uint8_t *field = msg->body + msg->at;
    uint32_t length;

    *ret_length = 0;
    if (msg->spoilt || left < FIELD_HEAD || field[0] != tag)
        goto spoilt;
    memcpy(&length, field + 1, sizeof length);
    if (length > left - FIELD_HEAD)
        goto spoilt;
    msg->at += FIELD_HEAD + length;
    *ret_length = length;
    return field + FIELD_HEAD;

spoilt:
    msg->spoilt = true;
    return NULL;
}

uint64_t
msg_get_number(struct msg *msg)
{
    size_t length;
    const uint8_t *value = get(msg, TAG_NUMBER, &length);
    uint64_t number = 0;

    if (value == NULL || length != sizeof number) {
        msg->spoilt = true;
        return 0;
    }
    memcpy(&number, value, sizeof number);
    return number;
}

const char *
msg_get_text(struct msg *msg)
{
    size_t length;
    const uint8_t *value = get(msg, TAG_TEXT, &length);

    /* Exactly one NUL, at the end. */
    if (value == NULL || length == 0 ||
        memchr(value, '\0', length) != value + length - 1) {
        msg->spoilt = true;
        return "";
    }
    return (const char *)value;
}

const uint8_t *
msg_get_bytes(struct msg *msg, size_t *ret_length)
{
    return get(msg, TAG_BYTES, ret_length);
}

void
msg_spoil(struct msg *msg)
{
    msg->spoilt = true;
}

bool
msg_fits(const struct msg *msg)
{
    return !msg->spoilt;
}

bool
msg_complete(const struct msg *msg)
{
    return !msg->spoilt && msg->at == msg->head.length;
}

enum ks_err
msg_send(int channel, struct msg *msg, struct err_cause *cause)
{
    size_t length = sizeof msg->head + msg->head.length;
    ssize_t sent;

    if (msg->spoilt)
        return err_set(cause, KS_ERR_INTERNAL, "a message over its limits");
    do
        sent = send(channel, &msg->head, length, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent != (ssize_t)length)
        return err_set_errno(cause, KS_ERR_HELPER, "send a message");
    return KS_OK;
}

/* Until there is something to receive, or the peer is gone. */
static enum ks_err
wait_for(int channel, int timeout, struct err_cause *cause)
{
    struct pollfd item = {.fd = channel, .events = POLLIN};
    int ready;

    do
        ready = poll(&item, 1, timeout);
    while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return err_set_errno(cause, KS_ERR_INTERNAL, "poll");
    if (ready == 0)
        return err_set(cause, KS_ERR_HELPER, "no answer within %d s",
                       timeout / 1000);
    return KS_OK;
}

enum ks_err
msg_receive(int channel, struct msg *msg, int timeout, bool *ret_eof,
            struct err_cause *cause)
{
    enum ks_err rc = KS_OK;
    ssize_t got;

    /* A caller that waits without an end waits in recv(). */
    if (timeout >= 0)
        rc = wait_for(channel, timeout, cause);
    msg_begin(msg, 0);
    *ret_eof = false;
    if (rc != KS_OK)
        return rc;
    do
        got = recv(channel, &msg->head, sizeof msg->head + sizeof msg->body,
                   MSG_TRUNC);
    while (got < 0 && errno == EINTR);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) {
        msg_begin(msg, 0);
        *ret_eof = true;
        return KS_OK;
    }
    if (got < (ssize_t)sizeof msg->head ||
        (size_t)got > sizeof msg->head + sizeof msg->body ||
        msg->head.length != (size_t)got - sizeof msg->head) {
        msg->head = (struct head){0};
        OPENSSL_cleanse(msg->body, sizeof msg->body);
        msg->spoilt = true;
        return err_set(cause, KS_ERR_HELPER, "a malformed message");
    }
    return KS_OK;
}

enum ks_err
msg_malformed_request(struct err_cause *cause)
{
    return err_set(cause, KS_ERR_INTERNAL, "a malformed request");
}

enum ks_err
msg_malformed_answer(const char *program, struct err_cause *cause)
{
    return err_set(cause, KS_ERR_HELPER, "%s: a malformed answer", program);
}
