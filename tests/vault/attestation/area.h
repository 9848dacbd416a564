/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key as a TPM describes it: TPMT_PUBLIC (TPM 2.0 Part 2, 12.2.4), with its
 * attributes, and what follows from it: its Name (Part 1, 16) and its public
 * key.
 */
#ifndef VAULT_ATTESTATION_AREA_H
#define VAULT_ATTESTATION_AREA_H

#include <openssl/types.h>
#include <tss2/tss2_tpm2_types.h>

#include "tests/vault/attestation/member.h"
#include "tests/vault/attestation/verifier.h"

#define AREA_NAME_MAX (2 + 48) /* the algorithm, and SHA-384 */

struct area {
    TPMT_PUBLIC public;
    struct member bytes; /* as they came */
    uint8_t name[AREA_NAME_MAX];
    size_t name_length;
    EVP_PKEY *key;
    uint8_t *spki; /* SubjectPublicKeyInfo, DER */
    size_t spki_length;
    char sha256[ATTESTATION_HEX]; /* of that */
};

/* BYTES, which RET takes over, as one public area and nothing behind it: RSA of
 * 2048 to 4096 bits, P-256 or P-384, named by SHA-256 or SHA-384.  NULL, or why
 * not, in words that follow a subject; RET is for area_free() in both cases. */
const char *area_read(struct member *bytes, struct area *ret);
void area_free(struct area *area);

/* "SHA256" or "SHA384", the algorithm of the Name. */
const char *area_digest(const struct area *area);

/* "RSA-2048", "P-256", "P-384"; RSA of another length is "RSA". */
const char *area_algorithm(const struct area *area);

/* Whether NAME is this area's. */
bool area_has_name(const struct area *area, const TPM2B_NAME *name);

#endif
