/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine with a TPM, for the verifier's tests: a real one of swtpm, asked by
 * ESYS, that makes offers and evidence as docs/attestation.md has them.  What
 * goes wrong in making them fails the test.
 */
#ifndef VAULT_ATTESTATION_TESTS_TPM_H
#define VAULT_ATTESTATION_TESTS_TPM_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <tss2/tss2_tpm2_types.h>

struct tpm;

/* Where the EK and the AK of the last offer are kept, for tpm2-tools. */
#define TPM_EK_HANDLE "0x81000101"
#define TPM_AK_HANDLE "0x81000102"

/* On the TPM at swtpm's SOCKET; it closes nothing of it. */
struct tpm *tpm_new(const char *socket);
void tpm_free(struct tpm *tpm);
/* The TCTI of other people's programs. */
const char *tpm_tcti(const struct tpm *tpm);

enum tpm_ek { TPM_RSA_2048, TPM_P256, TPM_P384 };
enum tpm_origin {
    TPM_BORN,
    TPM_IMPORTED /* by TPM2_Import, with the attributes that it allows */
};

/* An offer with a new EK, AK and these PCRs, and without a certificate. */
json_t *tpm_offer(struct tpm *tpm, enum tpm_ek ek, enum tpm_origin ak,
                  uint32_t pcrs);

/* What is put at NAME of OBJECT: base64url. */
void tpm_set(json_t *object, const char *name, const void *bytes,
             size_t length);

/* The machine's key: new, of the attributes and kind wanted. */
struct tpm_key;
struct tpm_key *tpm_key_new(struct tpm *tpm, TPMA_OBJECT attributes, bool rsa);
struct tpm_key *tpm_key_import(struct tpm *tpm);
void tpm_key_free(struct tpm_key *key);
/* Its TPMT_PUBLIC. */
const TPMT_PUBLIC *tpm_key_public(const struct tpm_key *key);

#define TPM_BORN_ATTRIBUTES                                                    \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |              \
     TPMA_OBJECT_SIGN_ENCRYPT)

/* TPM2_ActivateCredential of base64url CHALLENGE; false where the TPM refuses
 * it. */
bool tpm_activate(struct tpm *tpm, const char *challenge, uint8_t *ret_secret,
                  size_t *ret_length);

/* What evidence is made of; all borrowed. */
struct tpm_answer {
    const char *nonce;
    const uint8_t *secret; /* 32 bytes */
    const uint8_t *qualifying;
    const struct tpm_key *machine;
    const struct tpm_key *credential; /* or NULL */
};
/* Creation, certification and, where the last offer has PCRs, quote by its
 * AK. */
json_t *tpm_evidence(struct tpm *tpm, const struct tpm_answer *answer);

#endif
