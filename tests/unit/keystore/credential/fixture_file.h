/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole credential files, accepted and refused ones, by name: every way of
 * being written, and every way of being bad, that is known.  Needs
 * secret_init().
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_FIXTURE_FILE_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_FIXTURE_FILE_H

#include "tests/unit/keystore/credential/fixture.h"

struct fixture_file {
    const char *name;
    /* The file; freed by fixture_free().  FROM and TO are the maker's. */
    struct fixture_bytes (*make)(const struct fixture_file *file);
    const char *from, *to;
    const char *says; /* what the refusal must say; NULL: accepted */
};

/* Both end with a row without a name. */
extern const struct fixture_file fixture_accepted[];
extern const struct fixture_file fixture_refused[];

/* The one file that the others are altered copies of. */
struct fixture_bytes fixture_file_good(void);

/* Release what the makers keep from one file to the next. */
void fixture_file_end(void);

#endif
