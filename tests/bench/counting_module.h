/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that passes every call on to SoftHSM and counts it.  The
 * benchmark finds the counts as the module's symbol "counting_calls".
 */
#ifndef TESTS_COUNTING_MODULE_H
#define TESTS_COUNTING_MODULE_H

#include <p11-kit/pkcs11.h>

struct counting_call {
    const char *name; /* NULL: the end of the list */
    unsigned count;
};

extern struct counting_call counting_calls[];

/* All calls up to and including the first C_Sign; set TOTAL and FIRST_SIGN to 0
 * to count anew. */
struct counting_start {
    unsigned total;
    unsigned first_sign; /* 0: none yet */
};
extern struct counting_start counting_start;

/* The module's one entry point that is looked up by name; not counted. */
CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

#endif
