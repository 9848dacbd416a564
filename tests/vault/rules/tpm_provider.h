/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TPM's key as OpenSSL takes it, so that a customer's TLS connection is
 * authenticated by a key that nobody has outside the TPM.
 */
#ifndef TESTS_VAULT_RULES_TPM_PROVIDER_H
#define TESTS_VAULT_RULES_TPM_PROVIDER_H

#include "tests/vault/rules/tpm.h"

/* KEY of TPM, good for ECDSA with SHA-256; lives as long as the test, as KEY
 * does. */
EVP_PKEY *tpm_provider_key(struct tpm *tpm, struct tpm_key *key);

#endif
