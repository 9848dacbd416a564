/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a program that tests programs: a rig for each case, of the kind
 * of token that is the program's only argument.
 *
 *     const struct CMUnitTest tests[] = {RIG_CASE(test, rig_case_start_one)};
 *
 *     return rig_case_main(argc, argv, tests);
 */
#ifndef TESTS_SUPPORT_RIG_CASE_H
#define TESTS_SUPPORT_RIG_CASE_H

#include "tests/support/rig.h"

extern const char *kind; /* of token: "soft", "pkcs11", "tpm2" */
extern struct rig rig;
extern struct rig_run run;  /* the last one */
extern char file[RIG_PATH]; /* the credential's, where one was downloaded */

/* Take KIND from the command line; ends the program where it is not so. */
void rig_case_begin(int argc, char **argv);

#define rig_case_main(argc, argv, tests)                                       \
    (rig_case_begin(argc, argv), cmocka_run_group_tests(tests, NULL, NULL))

/* For cmocka, around each test.  A rig, and: */
int rig_case_start(void **state);           /* nothing more */
int rig_case_start_one(void **state);       /* FILE, for one machine */
int rig_case_start_several(void **state);   /* FILE, for several machines */
int rig_case_start_data(void **state);      /* rig_data_prepare() */
int rig_case_start_backed_up(void **state); /* and the first backup */
int rig_case_stop(void **state);

#define RIG_CASE(test, start)                                                  \
    cmocka_unit_test_setup_teardown(test, start, rig_case_stop)

/* NAME in the rig's directory; good for the next three calls. */
const char *rig_case_inside(const char *name);

/* A file of TEXT under that name. */
void rig_case_write(const char *name, const char *text);

#endif
