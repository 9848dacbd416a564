/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets that only the holder of a TPM's storage key can share, and the keys
 * derived of them (TPM 2.0 Part 1, 11.4.10, B.10 and C.6).
 */
#ifndef HSM_TPM2_SEED_H
#define HSM_TPM2_SEED_H

#include <stddef.h>
#include <stdint.h>

#include <tss2/tss2_tpm2_types.h>

#include "keystore/base/err.h"

#define TPM2_SEED_LENGTH 32 /* of SHA-256 */

/* A fresh seed for the use LABEL ("DUPLICATE"), into memory of the secret kind,
 * and the message that tells PARENT of it. */
ERR_MUST_USE enum ks_err tpm2_seed_new(const TPM2B_PUBLIC *parent,
                                       const char *label,
                                       uint8_t ret[static TPM2_SEED_LENGTH],
                                       TPM2B_ENCRYPTED_SECRET *ret_encrypted,
                                       struct err_cause *cause);

/* The purpose of a derived key. */
struct tpm2_seed_use {
    const char *label;
    const TPM2B_NAME *context; /* or NULL */
};

/* KDFa (NIST SP 800-108, counter mode, HMAC-SHA-256): LENGTH bytes from SEED
 * for USE. */
ERR_MUST_USE enum ks_err
tpm2_seed_derive(const uint8_t seed[static TPM2_SEED_LENGTH],
                 const struct tpm2_seed_use *use, uint8_t *ret, size_t length,
                 struct err_cause *cause);

#endif
