/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine without a TPM that says what it likes: areas and statements of
 * keys in software, for checks that a real TPM's evidence never fails.  What
 * goes wrong in making them fails the test.
 */
#ifndef VAULT_ATTESTATION_TESTS_FORGE_H
#define VAULT_ATTESTATION_TESTS_FORGE_H

#include <jansson.h>
#include <openssl/types.h>
#include <tss2/tss2_tpm2_types.h>

/* The public half of KEY, on P-256 or P-384 or RSA, into AREA. */
void forge_put_key(TPMT_PUBLIC *area, EVP_PKEY *key);

/* AREA as base64url at NAME of OBJECT. */
void forge_set_area(json_t *object, const char *name, const TPMT_PUBLIC *area);

/* What an AK's and a born machine key's area say; without a key. */
TPMT_PUBLIC forge_ak(void);
TPMT_PUBLIC forge_machine(void);

/* An offer of EK and AK. */
json_t *forge_offer(const TPMT_PUBLIC *ek, const TPMT_PUBLIC *ak);

/* The Name of AREA, by SHA-256. */
TPM2B_NAME forge_name(const TPMT_PUBLIC *area);

/* ATTEST and AK's signature over it, as members of OBJECT. */
void forge_statement(json_t *object, const TPMS_ATTEST *attest, EVP_PKEY *ak);

#endif
