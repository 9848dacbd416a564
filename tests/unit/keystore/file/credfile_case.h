/* SPDX-License-Identifier: Apache-2.0 */
/* What opening a credential file comes to, in a test's place (place.h). */
#ifndef TESTS_UNIT_KEYSTORE_FILE_CREDFILE_CASE_H
#define TESTS_UNIT_KEYSTORE_FILE_CREDFILE_CASE_H

#include "keystore/base/err.h"

/* Of the last refusal. */
extern struct err_cause cause;

/* A file of 12 bytes that only its owner may read. */
void write_credential(const char *name);

/* Open the file at PATH, or called NAME in the place, and close it again. */
enum ks_err try_path(const char *path);
enum ks_err try_name(const char *name);

#endif
