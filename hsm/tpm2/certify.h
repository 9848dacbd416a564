/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that the TPM makes and its attestation key signs (TPM 2.0 Part 2,
 * 10.12).  Of the caller's there is only the qualifying data in them. */
#ifndef HSM_TPM2_CERTIFY_H
#define HSM_TPM2_CERTIFY_H

#include "hsm/tpm2/attestation_key.h"
#include "hsm/tpm2/key.h"
#include "keystore/store/evidence.h"

/* The attestation key that signs; it is loaded. */
struct tpm2_certifier {
    struct tpm2_store *store;
    const struct tpm2_attestation_key *key;
    TPM2B_DATA qualifying;
};

/* State that the TPM made the attestation key, and of what. */
ERR_MUST_USE enum ks_err tpm2_certify_creation(const struct tpm2_certifier *by,
                                               struct evidence_statement *ret,
                                               struct err_cause *cause);

/* State that KEY, which is loaded, is in the TPM, and what it is. */
ERR_MUST_USE enum ks_err tpm2_certify(const struct tpm2_certifier *by,
                                      const struct tpm2_key *key,
                                      struct evidence_statement *ret,
                                      struct err_cause *cause);

/* Quote PCRs, and read their values.  PCRS has one bit each, of
 * the bank of SHA-256.  KS_ERR_TOKEN_UNSUPPORTED: the TPM does not have them
 * all. */
ERR_MUST_USE enum ks_err tpm2_certify_pcrs(const struct tpm2_certifier *by,
                                           uint32_t pcrs, struct evidence *ret,
                                           struct err_cause *cause);

#endif
