/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credential file of a real vault, in whose place a hostile server is, for
 * each test; and a holdfast-net that has no time (net_short_limits.c).
 */
#ifndef TESTS_PROGRAMS_HOSTILE_RIG_H
#define TESTS_PROGRAMS_HOSTILE_RIG_H

#include "tests/programs/hostile.h"
#include "tests/support/rig_case.h"

extern struct hostile hostile;

/* For cmocka, around each test */
int hostile_rig_start(void **state);
int hostile_rig_stop(void **state);
#define HOSTILE_RIG(test)                                                      \
    cmocka_unit_test_setup_teardown(test, hostile_rig_start, hostile_rig_stop)

/* The file is as it was, there is a state, and KEYS are on the token: the
 * credential's, and from the enrolment on the machine's.  NAME is the case. */
void hostile_rig_expect_kept(const char *name, size_t keys);

/* `register` ends with STATUS and one line that SAYS why, and all is kept; the
 * server then behaves. */
void hostile_rig_expect(const char *name, int status, const char *says,
                        size_t keys);

/* The real vault is back: the same file and the same state become a machine. */
void hostile_rig_expect_registration(void);

#endif
