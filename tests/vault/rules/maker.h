/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TPMs for a whole test program, and certificates for their endorsement keys as
 * their maker makes them, or as somebody makes them who is none.
 */
#ifndef TESTS_VAULT_RULES_MAKER_H
#define TESTS_VAULT_RULES_MAKER_H

#include "tests/vault/rules/tpm.h"

/* Fixtures around service_start() and service_stop(): two TPMs of one maker. */
int maker_start(void **state);
int maker_stop(void **state);

struct tpm *maker_tpm(void);
struct tpm *maker_other_tpm(void);

/* PEM files of the maker's: its root, and the issuer that the root signed. */
const char *maker_root(void);
const char *maker_issuer(void);

/* A root of a name of its own, and what it signs for an endorsement key. */
struct maker {
    EVP_PKEY *key;
    X509 *root;
    const char *path; /* the root in PEM */
};
struct maker *maker_new(const char *name);

/* An EK certificate for KEY with this serial number that ends DAYS from now,
 * with the words of a TPM of hardware, DER in base64url. */
const char *maker_certify(const struct maker *maker, EVP_PKEY *key, long serial,
                          long days);

/* The root, DER in base64url. */
const char *maker_root_der(const struct maker *maker);

#endif
