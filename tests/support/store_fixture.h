/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fresh, empty key store for one test: a directory of its own with key files
 * for "soft", a SoftHSM token for "pkcs11", NSS's FIPS token for "nss", and for
 * "tpm2" a swtpm and key files; "endorsed" is the same with EK certificates.
 * Nothing is shared with other tests or with the machine.
 */
#ifndef TESTS_SUPPORT_STORE_FIXTURE_H
#define TESTS_SUPPORT_STORE_FIXTURE_H

#include "keystore/store/keystore.h"

struct store_fixture;
struct swtpm; /* tests/support/tpm2/swtpm.h */

/* In the directory of an "endorsed" store, the directory of its TPM's maker
 * (tests/support/tpm2/swtpm_maker.h). */
#define STORE_FIXTURE_MAKER "maker"

/* Make a store of KIND.  NULL, after a line on stderr, where that fails: a
 * missing tool is a failure, too.  The caller frees it.  A process has one
 * store of a kind at a time, for SoftHSM is told its directory by the
 * environment. */
struct store_fixture *store_fixture_new(const char *kind);

/* Remove it with everything in it, and set *FIXTURE to NULL. */
void store_fixture_free(struct store_fixture **fixture);

/* Names the store, and names one of the same kind that does not exist. */
const char *store_fixture_uri(const struct store_fixture *fixture);
const char *store_fixture_missing_uri(const struct store_fixture *fixture);

/* The store's directory: a test may put files of its own here. */
const char *store_fixture_directory(const struct store_fixture *fixture);

/* A descriptor, the fixture's own, of the directory that keeps the key files of
 * a store whose keys are not in the token itself; -1 for other kinds. */
int store_fixture_keys(const struct store_fixture *fixture);

/* The TPM behind the store, the fixture's own; NULL for other kinds. */
struct swtpm *store_fixture_swtpm(const struct store_fixture *fixture);

/* The PIN of every store of KIND, or NULL where there is none. */
const char *store_fixture_pin(const char *kind);

/* Make one more store of the same name beside it, of a kind whose stores have
 * names.  Returns 0 or -1. */
int store_fixture_add_twin(const struct store_fixture *fixture);

/* TEXT as a secret, or NULL; the caller frees it. */
struct secret *store_fixture_secret(const char *text);

#endif
