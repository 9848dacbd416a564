/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fresh, empty key store for one test: a directory of its own with, for
 * "soft", key files, for "pkcs11" a SoftHSM token, for "nss" NSS's FIPS token.
 * Nothing is shared with other tests or with the machine.
 */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "keystore/keystore.h"

struct store_fixture;

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

/* The PIN of every store of KIND, or NULL where there is none. */
const char *store_fixture_pin(const char *kind);

/* Make one more store of the same name beside it, of a kind whose stores have
 * names.  Returns 0 or -1. */
int store_fixture_add_twin(const struct store_fixture *fixture);

/* Run the tool ARGV, found by PATH, without its chatter.  0: it succeeded. */
int store_fixture_tool(const char *const *argv);

/* TEXT as a secret, or NULL; the caller frees it. */
struct secret *store_fixture_secret(const char *text);

#endif
