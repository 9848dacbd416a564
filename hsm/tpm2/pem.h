/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TPM's key as a file: "TSS2 PRIVATE KEY" (draft-bottomley-tpm2-keys), as
 * tpm2-openssl and tpm2-tools read and write it.  Nothing in it is secret to
 * others than the TPM that wrapped it.
 */
#ifndef HSM_TPM2_PEM_H
#define HSM_TPM2_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tss2/tss2_tpm2_types.h>

#include "keystore/base/secret.h"

#define TPM2_PEM_MAX 8192

struct tpm2_pem {
    bool empty_auth; /* as the file says; tpm2-tools never say so */
    TPM2_HANDLE parent;
    TPM2B_PUBLIC public;
    TPM2B_PRIVATE private;
};

/* PEM with LABEL in a line before it, what is not ASCII replaced.  The caller
 * frees *RET. */
ERR_MUST_USE enum ks_err tpm2_pem_encode(const struct tpm2_pem *pem,
                                         const char *label, struct secret **ret,
                                         struct err_cause *cause);

/* Read such a file.  KS_ERR_TOKEN_FAILED: TEXT is none. */
ERR_MUST_USE enum ks_err tpm2_pem_decode(const uint8_t *text, size_t length,
                                         struct tpm2_pem *ret,
                                         struct err_cause *cause);

#endif
