/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated TPM 2.0 of a maker of our own, and what a customer has it do: the
 * TPM's commands by tpm2-tss, without any rule of docs/attestation.md.
 */
#ifndef TESTS_VAULT_RULES_TPM_H
#define TESTS_VAULT_RULES_TPM_H

#include <stdint.h>

#include <openssl/evp.h>
#include <tss2/tss2_esys.h>

struct tpm;

/* A key of a TPM; all lives as long as the test. */
struct tpm_key {
    TPM2B_PUBLIC public;
    TPM2B_PRIVATE private;
    TPM2B_CREATION_DATA creation;
    TPM2B_DIGEST creation_hash;
    TPMT_TK_CREATION creation_ticket;
    EVP_PKEY *key; /* its public half */
};

/* Kinds of keys on P-256: one that signs what the TPM itself says, and one that
 * signs anything. */
enum tpm_kind { TPM_ATTESTATION_KEY, TPM_MACHINE_KEY };

/* Manufactured in DIRECTORY by the maker in MAKER, both absolute; for
 * tpm_free(). */
struct tpm *tpm_new(const char *directory, const char *maker);
void tpm_free(struct tpm *tpm);

/* Its RSA-2048 endorsement key and the certificate of that from NV. */
const TPM2B_PUBLIC *tpm_endorsement(const struct tpm *tpm);
const uint8_t *tpm_endorsement_certificate(const struct tpm *tpm,
                                           size_t *ret_length);
EVP_PKEY *tpm_endorsement_key(const struct tpm *tpm);

/* Another EK of the same TPM from here on, on P-256 (the profile's template
 * L-2), of which there is no certificate. */
void tpm_use_other_endorsement(struct tpm *tpm);

/* Born in it, or, from a key of OpenSSL's, imported with all attributes that a
 * TPM believes of an imported key. */
struct tpm_key *tpm_create(struct tpm *tpm, enum tpm_kind kind);
struct tpm_key *tpm_import(struct tpm *tpm, enum tpm_kind kind, EVP_PKEY *key);

/* What the TPM answers must be 0. */
void tpm_succeed(TSS2_RC rc);

/* For commands: the connection, the EK, and a key for as long as it is not
 * flushed. */
ESYS_CONTEXT *tpm_esys(struct tpm *tpm);
ESYS_TR tpm_endorsement_handle(const struct tpm *tpm);
ESYS_TR tpm_load(struct tpm *tpm, const struct tpm_key *key);

#endif
