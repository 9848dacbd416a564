/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tap has counted, and what it has been asked to do.
 */
#ifndef TESTS_SUPPORT_TPM2_TAP_BOOK_H
#define TESTS_SUPPORT_TPM2_TAP_BOOK_H

#include "tests/support/tpm2/tap.h"

enum tap_question {
    TAP_ASK_COUNT,
    TAP_ASK_RESET,
    TAP_ASK_INJECT,
    TAP_ASK_STRUCK,
    TAP_ASK_STRUCK_CODE,
};

/* One datagram from the controller; answered by one unsigned. */
struct tap_request {
    enum tap_question question;
    uint32_t code;
    struct tap_fault fault;
};

/* Do what is asked, and say what there is to say. */
unsigned tap_book_answer(const struct tap_request *request);

/* Enter a command CODE.  The fault that meets it, or one of TAP_PASS. */
const struct tap_fault *tap_book_enter(uint32_t code);

#endif
