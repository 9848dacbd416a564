/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private key made ready for TPM2_Import: encrypted for the storage root key
 * with an outer wrapper (TPM 2.0 Part 1, 23.3).  Session encryption is no
 * replacement, for it covers another parameter of that command.
 */
#ifndef HSM_TPM2_WRAP_H
#define HSM_TPM2_WRAP_H

#include <tss2/tss2_tpm2_types.h>

#include "keystore/store/material.h"
#include "keystore/base/secret.h"

/* The key as it comes from outside. */
struct tpm2_plain {
    const TPM2B_NAME *name; /* of the new object */
    const struct material *material;
    const struct secret *auth; /* authorisation value, at most 32 bytes */
};

struct tpm2_wrapped {
    TPM2B_PRIVATE duplicate;
    TPM2B_ENCRYPTED_SECRET seed;
};

/* Wrap KEY for PARENT, a storage key of RSA-2048 or P-256 with SHA-256 and AES.
 * RET holds nothing secret. */
ERR_MUST_USE enum ks_err tpm2_wrap(const TPM2B_PUBLIC *parent,
                                   const struct tpm2_plain *key,
                                   struct tpm2_wrapped *ret,
                                   struct err_cause *cause);

#endif
