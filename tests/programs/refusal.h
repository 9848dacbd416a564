/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential files that `show` and `register` refuse in the middle of a
 * registration, which leaves token, state and file as they were.
 */
#ifndef TESTS_PROGRAMS_REFUSAL_H
#define TESTS_PROGRAMS_REFUSAL_H

#include "tests/support/rig_case.h"
#include "tests/unit/keystore/credential/fixture_file.h"

extern char refusal_place[RIG_PATH + 16]; /* a directory for one case */
extern char refusal_path[RIG_PATH + 64];  /* of the case's file in it */

/* For cmocka, around all tests: a registration that was cut short, its key on
 * the token. */
int refusal_start(void **state);
int refusal_stop(void **state);

void refusal_make_place(void);
void refusal_remove_place(void);

/* Put a file of CONTENT into the place, mode 0600. */
void refusal_write(const struct fixture_bytes *content);

/* The last run ended with STATUS and one line on standard error, holdfast's,
 * that SAYS so and what to do.  NAME is the case's. */
void refusal_expect_line(const char *name, int status, const char *says);

/* `show` and `register` refuse the file at PATH, and nothing has changed. */
void refusal_expect(const char *name, const char *path, int status,
                    const char *says);

/* A test for the end: the registration goes on, with the key that it had. */
void registration_goes_on_afterwards(void **state);

#endif
