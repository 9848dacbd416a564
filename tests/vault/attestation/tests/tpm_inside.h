/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the tests' TPM, and keys below its storage root key. */
#ifndef VAULT_ATTESTATION_TESTS_TPM_INSIDE_H
#define VAULT_ATTESTATION_TESTS_TPM_INSIDE_H

#include <tss2/tss2_esys.h>

#include "tests/vault/attestation/tests/tpm.h"

#define ONE_PASSWORD ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE
#define ASSERT_RC(call) assert_int_equal(call, TSS2_RC_SUCCESS)

struct tpm_store {
    ESYS_CONTEXT *esys;
    ESYS_TR srk;
};

struct tpm_key {
    TPM2B_PUBLIC public;
    TPM2B_PRIVATE private;
};

/* What TPM2_Create says of a key, for TPM2_CertifyCreation; for Esys_Free(). */
struct tpm_birth {
    TPM2B_CREATION_DATA *data;
    TPM2B_DIGEST *hash;
    TPMT_TK_CREATION *ticket;
};

/* The TPM itself. */
struct tpm {
    char tcti[160];
    TSS2_TCTI_CONTEXT *transport;
    struct tpm_store store;
    ESYS_TR ek; /* persistent, as the AK: a TPM has room for three others */
    enum tpm_ek ek_kind;
    ESYS_TR ak;
    TPM2B_PUBLIC ak_public;
    struct tpm_birth birth;
    uint32_t pcrs;
};

void tpm_set_public(json_t *object, const char *name,
                    const TPM2B_PUBLIC *public);

/* TPM2_Create; BIRTH may be NULL. */
void tpm_key_create(const struct tpm_store *store, const TPM2B_PUBLIC *template,
                    struct tpm_key *ret, struct tpm_birth *birth);

/* TPM2_Import of a key on P-256 made here, without any wrapping. */
void tpm_key_bring(const struct tpm_store *store, TPMA_OBJECT attributes,
                   struct tpm_key *ret);

ESYS_TR tpm_key_load(const struct tpm_store *store, const struct tpm_key *key);

#endif
