/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of the whole TPM back end share: a TPM with a tap before it, a
 * directory of keys, and a look at what is left in both.
 */
#ifndef TESTS_UNIT_TPM2_CASE_H
#define TESTS_UNIT_TPM2_CASE_H

#include "keystore/store/keystore.h"
#include "tests/support/tpm2/tap.h"

/* One of each for a whole group of tests; secrets' memory, too. */
int tpm2_case_start(void **state);
int tpm2_case_stop(void **state);

struct tap *tpm2_case_tap(void);
int tpm2_case_keys(void);

/* Open the store through the tap, by a URI that ends with SUFFIX. */
ERR_MUST_USE enum ks_err tpm2_case_open(const char *suffix,
                                        struct keystore **ret,
                                        struct err_cause *cause);

/* Objects in the TPM's slots, and at handles from FIRST on; asked past the
 * tap. */
unsigned tpm2_case_transient(void);
unsigned tpm2_case_persistent(uint32_t first);

/* Flush all of them, as a resource manager does behind a connection that
 * broke. */
void tpm2_case_flush_objects(void);
void tpm2_case_flush_sessions(void);

/* Files in the directory of keys. */
unsigned tpm2_case_files(void);

#endif
