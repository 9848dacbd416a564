/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TPM command or response as it comes out of a stream: a header of tag, size
 * and code, big-endian, and the rest of the size.
 */
#ifndef TESTS_SUPPORT_TPM2_TAP_MESSAGE_H
#define TESTS_SUPPORT_TPM2_TAP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAP_MESSAGE_HEADER 10
#define TAP_MESSAGE_MAX 4096 /* swtpm's buffers */

struct tap_message {
    uint8_t bytes[TAP_MESSAGE_MAX];
    size_t length; /* that have come so far */
};

/* Read some more of it from FD, and not a byte of what follows.  False: the
 * stream has ended, or holds no TPM message. */
bool tap_message_read(struct tap_message *message, int fd);

/* Whether all of it is there. */
bool tap_message_is_whole(const struct tap_message *message);

/* The code of a command (TPM2_CC) or response (TPM2_RC) that is there. */
uint32_t tap_message_code(const struct tap_message *message);

/* Make it the error response RC: a header alone. */
void tap_message_set_error(struct tap_message *message, uint32_t rc);

/* Put LENGTH bytes in place of the first parameter of a whole response without
 * sessions, which is a size of two bytes and what follows.  False: it is not
 * there, or they do not fit. */
bool tap_message_replace(struct tap_message *message, const uint8_t *bytes,
                         size_t length);

#endif
