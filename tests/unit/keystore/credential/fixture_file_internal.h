/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts that credential files are put together from.  Only the fixture_*.c that
 * make whole files include this.
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_FIXTURE_FILE_INTERNAL_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_FIXTURE_FILE_INTERNAL_H

#include "tests/unit/keystore/credential/fixture_file.h"
#include "tests/unit/keystore/credential/fixture_pfx.h"

/* The good file's key, certificate and PFX; kept until fixture_file_end(). */
EVP_PKEY *fixture_file_key(void);
X509 *fixture_file_certificate(void);
struct fixture_pfx fixture_file_pfx(void);

/* PFX in base64, and the good file's text; the caller frees them. */
char *fixture_file_base64(const struct fixture_pfx *pfx);
char *fixture_file_text(void);

/* A file of these bytes; of TEXT, of the text in ManagementCert (both freed);
 * of a PFX; of a PFX with the key of a certificate and that. */
struct fixture_bytes fixture_file_of(const void *bytes, size_t length);
struct fixture_bytes fixture_file_of_text(char *text);
struct fixture_bytes fixture_file_of_management(char *management);
struct fixture_bytes fixture_file_of_pfx(const struct fixture_pfx *pfx);
struct fixture_bytes
fixture_file_of_certificate(const struct fixture_certificate *wanted);

/* Makers: with a key of the kind FROM; the good file with FROM made TO. */
struct fixture_bytes fixture_file_of_kind(const struct fixture_file *file);
struct fixture_bytes fixture_file_edited(const struct fixture_file *file);

/* Makers: over 256 KiB; 20,000 elements in each other; one of 12,000
 * attributes. */
struct fixture_bytes fixture_file_too_large(const struct fixture_file *file);
struct fixture_bytes fixture_file_of_levels(const struct fixture_file *file);
struct fixture_bytes
fixture_file_of_attributes(const struct fixture_file *file);

#endif
