/* SPDX-License-Identifier: Apache-2.0 */
/* TPM messages by their headers, and by nothing else. */
#include "tests/support/tpm2/tap_message.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define SIZE_AT 2
#define CODE_AT 6
#define TAG_NO_SESSIONS 0x8001

static uint32_t
load(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static void
store(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* How long it is to become, as far as is known: first its header. */
static size_t
size(const struct tap_message *message)
{
    return message->length < TAP_MESSAGE_HEADER
               ? TAP_MESSAGE_HEADER
               : load(message->bytes + SIZE_AT);
}

bool
tap_message_read(struct tap_message *message, int fd)
{
    size_t missing = size(message) - message->length;
    ssize_t n = recv(fd, message->bytes + message->length, missing, 0);

    if (n <= 0)
        return false;
    message->length += (size_t)n;
    if (size(message) >= message->length && size(message) <= TAP_MESSAGE_MAX)
        return true;
    (void)fprintf(stderr, "tap: a message of %zu bytes\n", size(message));
    return false;
}

bool
tap_message_is_whole(const struct tap_message *message)
{
    return message->length >= TAP_MESSAGE_HEADER &&
           message->length == size(message);
}

uint32_t
tap_message_code(const struct tap_message *message)
{
    return load(message->bytes + CODE_AT);
}

void
tap_message_set_error(struct tap_message *message, uint32_t rc)
{
    message->bytes[0] = TAG_NO_SESSIONS >> 8;
    message->bytes[1] = TAG_NO_SESSIONS & 0xff;
    store(message->bytes + SIZE_AT, TAP_MESSAGE_HEADER);
    store(message->bytes + CODE_AT, rc);
    message->length = TAP_MESSAGE_HEADER;
}

bool
tap_message_replace(struct tap_message *message, const uint8_t *bytes,
                    size_t length)
{
    uint8_t *first = message->bytes + TAP_MESSAGE_HEADER;
    size_t rest, old;

    if (message->length < TAP_MESSAGE_HEADER + 2)
        return false;
    old = 2u + ((size_t)first[0] << 8 | first[1]);
    if (message->length < TAP_MESSAGE_HEADER + old)
        return false;
    rest = message->length - TAP_MESSAGE_HEADER - old;
    if (TAP_MESSAGE_HEADER + length + rest > TAP_MESSAGE_MAX)
        return false;
    memmove(first + length, first + old, rest);
    memcpy(first, bytes, length);
    message->length = TAP_MESSAGE_HEADER + length + rest;
    store(message->bytes + SIZE_AT, (uint32_t)message->length);
    return true;
}
