/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two keys with their certificates, made once for a test program, and what
 * opening a PFX of them comes to.
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_PFX_CASE_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_PFX_CASE_H

#include "tests/unit/keystore/credential/fixture_pfx.h"
#include "keystore/credential/pfx.h"

extern EVP_PKEY *pfx_case_key, *pfx_case_other_key; /* RSA-2048 and P-256 */
extern X509 *pfx_case_certificate, *pfx_case_other_certificate;

/* For cmocka: around each test, and around all of them */
int pfx_case_setup(void **state);
int pfx_case_teardown(void **state);
int pfx_case_make(void **state);
int pfx_case_free(void **state);

/* As Windows writes the first key and its certificate */
struct fixture_pfx pfx_case_windows(void);

/* Open DER; a key and a certificate come with KS_OK and never else, and nothing
 * stays allocated. */
enum ks_err pfx_case_try_bytes(const void *der, size_t length);
enum ks_err pfx_case_try(const struct fixture_pfx *pfx);

/* Are WORDS in the cause of the last refusal? */
bool pfx_case_says(const char *words);

#endif
