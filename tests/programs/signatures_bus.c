/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a tap's capture: commands with their responses (TPM 2.0 Library, Part
 * 1, 18), and swtpm's control channel, none of whose bytes look like one. */
#include "tests/programs/signatures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Part 2, 6.3, 6.5.2 and 6.9 */
#define ALG_SHA384 0x000c
#define ALG_RSASSA 0x0014
#define ALG_RSAPSS 0x0016
#define CC_SIGN 0x15d
#define ST_NO_SESSIONS 0x8001
#define ST_SESSIONS 0x8002

#define SIZE_AT 2
#define CODE_AT 6
#define HEADER 10
#define PARAMETERS 14 /* of a response with sessions: behind their length */

static uint32_t
load(const uint8_t *at, size_t length)
{
    uint32_t number = 0;

    for (size_t i = 0; i < length; i++)
        number = number << 8 | at[i];
    return number;
}

/* The message that starts at AT, by its length; 0: none does. */
static size_t
message_at(const uint8_t *at, size_t left)
{
    uint32_t tag, size;

    if (left < HEADER)
        return 0;
    tag = load(at, 2);
    size = load(at + SIZE_AT, 4);
    return (tag == ST_NO_SESSIONS || tag == ST_SESSIONS) && size >= HEADER &&
                   size <= left
               ? size
               : 0;
}

/* The TPM2B_ at AT to the end of WIDTH bytes; what is behind it. */
static const uint8_t *
read_number(const uint8_t *at, uint8_t *to, size_t width)
{
    size_t length = load(at, 2);

    assert_true(length > 0 && length <= width);
    memset(to, 0, width - length);
    memcpy(to + width - length, at + 2, length);
    return at + 2 + length;
}

/* A TPMT_SIGNATURE (Part 2, 11.3.4). */
static void
take_signature(const uint8_t *at, signatures_take *take)
{
    uint32_t algorithm = load(at, 2);
    size_t width = load(at + 2, 2) == ALG_SHA384 ? 48 : 32;
    uint8_t both[96];

    if (algorithm == ALG_RSASSA || algorithm == ALG_RSAPSS) {
        take(at + 6, load(at + 4, 2));
        return;
    }
    at = read_number(at + 4, both, width);
    (void)read_number(at, both + width, width);
    take(both, 2 * width);
}

void
signatures_from_bus(struct rig *rig, signatures_take *take)
{
    char path[RIG_PATH + 16];
    size_t length, size;
    uint8_t *bytes;
    uint32_t command = 0; /* 0: the next message is one */

    snprintf(path, sizeof path, "%s/tap.capture", rig->directory);
    bytes = (uint8_t *)rig_read(path, &length);
    for (size_t i = 0; i<length; i += size> 0 ? size : 1) {
        uint32_t code;

        size = message_at(bytes + i, length - i);
        if (size == 0)
            continue;
        code = load(bytes + i + CODE_AT, 4);
        if (command == CC_SIGN && code == 0)
            take_signature(bytes + i + PARAMETERS, take);
        command = command == 0 ? code : 0;
    }
    free(bytes);
}
