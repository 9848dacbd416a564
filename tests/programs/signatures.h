/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signatures that a rig's token made, as somebody saw them who stood
 * between it and Holdfast.
 */
#ifndef TESTS_PROGRAMS_SIGNATURES_H
#define TESTS_PROGRAMS_SIGNATURES_H

#include <stdint.h>

#include "tests/support/rig.h"

/* Given one: RSA's as it is, of elliptic curves r and s in full width. */
typedef void signatures_take(const uint8_t *bytes, size_t length);

/* What C_Sign returned, by the log of tests/programs/spy.c. */
void signatures_from_spy(struct rig *rig, signatures_take *take);

/* How many C_SignInit with MECHANISM ("CKM_RSA_PKCS") that log has. */
size_t signatures_count_mechanism(struct rig *rig, const char *mechanism);

/* That each of the two processes that sign and do not import made its first
 * signature within the twelve calls from C_Initialize to C_Sign. */
void signatures_expect_soon(struct rig *rig);

/* What TPM2_Sign returned, by the capture of rig_tap().  All that passed must
 * have been answered. */
void signatures_from_bus(struct rig *rig, signatures_take *take);

#endif
