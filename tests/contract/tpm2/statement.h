/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verifier of a TPM's evidence: OpenSSL, and libtss2-mu to read structures.
 * Uses nothing of hsm/.
 */
#ifndef TESTS_CONTRACT_TPM2_STATEMENT_H
#define TESTS_CONTRACT_TPM2_STATEMENT_H

#include <stdbool.h>

#include <openssl/types.h>
#include <tss2/tss2_tpm2_types.h>

#include "keystore/store/evidence.h"

/* Read all of AREA; anything else fails the test. */
void statement_area(const struct evidence_area *area, TPMT_PUBLIC *ret);

/* AREA's key, of P-256, P-384 or RSA; the caller frees it. */
EVP_PKEY *statement_key(const TPMT_PUBLIC *area);

/* The Name of an object with AREA, by the hash that it says. */
void statement_name(const struct evidence_area *area, TPM2B_NAME *ret);

/* The SHA-256 of a key's SubjectPublicKeyInfo. */
void statement_spki(EVP_PKEY *key, uint8_t ret[static 32]);

/* Read all of STATEMENT; false where the key of AK has not signed it. */
bool statement_read(const struct evidence_statement *statement, EVP_PKEY *ak,
                    TPMS_ATTEST *ret);

#endif
