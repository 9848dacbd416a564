/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credential file that was just downloaded, for each test, and the refusals
 * that leave it as it was.
 */
#ifndef TESTS_PROGRAMS_UNTOUCHED_H
#define TESTS_PROGRAMS_UNTOUCHED_H

#include "tests/support/rig_case.h"

/* For cmocka, around each test */
int untouched_start(void **state);
int untouched_stop(void **state);
#define UNTOUCHED(test)                                                        \
    cmocka_unit_test_setup_teardown(test, untouched_start, untouched_stop)

/* Download FILE anew. */
void untouched_download(void);

/* The last run ended with STATUS and SAYS so; FILE is as it was.  KEYS: on the
 * token; a vault refuses when the key is there already. */
void untouched_expect(int status, const char *says, size_t keys);

#endif
