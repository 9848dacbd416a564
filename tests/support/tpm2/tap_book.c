/* SPDX-License-Identifier: Apache-2.0 */
/* Counts, and when a fault is due.  In the tap's process. */
#include "tests/support/tpm2/tap_book.h"

#include <string.h>

#define CODES 0x200 /* of commands: 0x11f to 0x1a4 so far */

static struct {
    unsigned total;
    unsigned counts[CODES];
    struct tap_fault fault;
    unsigned seen; /* commands that the fault could have meant */
    unsigned struck;
    uint32_t struck_code; /* the last */
} book;

static void
reset(void)
{
    book.total = 0;
    memset(book.counts, 0, sizeof book.counts);
}

static unsigned
count_of(uint32_t code)
{
    if (code == 0)
        return book.total;
    return code < CODES ? book.counts[code] : 0;
}

unsigned
tap_book_answer(const struct tap_request *request)
{
    switch (request->question) {
    case TAP_ASK_COUNT:
        return count_of(request->code);
    case TAP_ASK_RESET:
        reset();
        break;
    case TAP_ASK_INJECT:
        book.fault = request->fault;
        book.seen = book.struck = book.struck_code = 0;
        break;
    case TAP_ASK_STRUCK:
        return book.struck;
    case TAP_ASK_STRUCK_CODE:
        return book.struck_code;
    }
    return 0;
}

const struct tap_fault *
tap_book_enter(uint32_t code)
{
    static const struct tap_fault none = {.action = TAP_PASS};
    unsigned times = book.fault.times != 0 ? book.fault.times : 1;

    book.total++;
    if (code < CODES)
        book.counts[code]++;
    if (book.fault.action == TAP_PASS ||
        (book.fault.code != 0 && book.fault.code != code))
        return &none;
    book.seen++;
    if (book.seen < book.fault.nth || book.struck >= times)
        return &none;
    book.struck++;
    book.struck_code = code;
    return &book.fault;
}
