/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a TPM's statements are bound to, and the spellings of its bytes.
 */
#ifndef TESTS_VAULT_RULES_ATTESTATION_BINDING_H
#define TESTS_VAULT_RULES_ATTESTATION_BINDING_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <tss2/tss2_tpm2_types.h>

/* A TPMT_PUBLIC in base64url. */
const char *attestation_public(const TPM2B_PUBLIC *public);

/* The bytes of base64url; what is none fails the test. */
uint8_t *attestation_decode(const char *text, size_t *ret_length);

/* SHA-256, and a key's SubjectPublicKeyInfo. */
void attestation_hash(const void *bytes, size_t length, uint8_t ret[static 32]);
uint8_t *attestation_key(EVP_PKEY *key, size_t *ret_length);

/* Q of docs/attestation.md for KEY on P-256. */
void attestation_qualify(const char *nonce, const char *vault, EVP_PKEY *key,
                         X509 *certificate, uint8_t ret[static 32]);

#endif
