/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the tap share: a TPM, a tap before it, and a client.
 */
#ifndef TESTS_SUPPORT_TPM2_TAP_CASE_H
#define TESTS_SUPPORT_TPM2_TAP_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/tpm2/tap.h"
#include "tests/support/tpm2/tpm2_tool.h"

/* TPM 2.0 Library, Part 2, 6.5.2 and 6.6.3 */
#define CC_CREATE_PRIMARY 0x131
#define CC_GET_CAPABILITY 0x17a
#define CC_GET_RANDOM 0x17b
#define RC_LOCKOUT 0x921
#define RC_RETRY 0x922

struct tap_case {
    struct tap *tap;
    struct rig_run run; /* the last client's */
};
extern struct tap_case tap_case;

int tap_case_start(void **state);
int tap_case_stop(void **state);
#define TAP_CASE(name)                                                         \
    cmocka_unit_test_setup_teardown(name, tap_case_start, tap_case_stop)

/* The TPM's own socket, and the test's directory. */
const char *tap_case_swtpm(void);
const char *tap_case_directory(void);

/* Have tpm2-tools get 16 bytes through the tap: two commands, GetCapability and
 * GetRandom. */
void tap_case_get_random(void);

#endif
