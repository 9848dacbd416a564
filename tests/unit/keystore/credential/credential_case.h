/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One good credential file, made once for a test program, and what parsing an
 * altered copy of it comes to.
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_CREDENTIAL_CASE_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_CREDENTIAL_CASE_H

#include "tests/unit/keystore/credential/fixture.h"
#include "keystore/credential/parse.h"

extern EVP_PKEY *credential_case_key;
extern X509 *credential_case_certificate;
extern char *credential_case_base64; /* of the PFX, as Windows writes it */
extern struct err_cause credential_case_cause;

/* For cmocka: around each test, and around all of them */
int credential_case_setup(void **state);
int credential_case_teardown(void **state);
int credential_case_make(void **state);
int credential_case_free(void **state);

/* The file as the generator writes it; the caller frees it. */
char *credential_case_xml(void);

/* Parse LENGTH bytes; a credential and a key come with KS_OK and never else,
 * and nothing stays allocated. */
enum ks_err credential_case_try(const void *file, size_t length);

/* The same with a text, which is freed. */
enum ks_err credential_case_try_text(char *text);

/* FIELD of the last file that was parsed; "" where it was refused. */
const char *credential_case_field(enum credential_field field);

#endif
