/* SPDX-License-Identifier: Apache-2.0 */
/* Public areas of our keys (TPM 2.0 Part 2, 12.2.4): made for a key to import
 * or to be born, and read back. */
#ifndef HSM_TPM2_PUBLIC_H
#define HSM_TPM2_PUBLIC_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/types.h>
#include <tss2/tss2_tpm2_types.h>

#include "keystore/store/evidence.h"

/* The area without the key's own numbers.  BITS counts for RSA alone.  BORN:
 * made by the TPM, for good in it.  COUNTS: a wrong authorisation value counts
 * towards the TPM's lockout. */
void tpm2_public_template(enum material_type type, unsigned bits, bool born,
                          bool counts, TPM2B_PUBLIC *ret);

/* Put the numbers of PUBLIC in; it must be of the area's type.
 * KS_ERR_TOKEN_UNSUPPORTED: an exponent that TPMs do not take. */
ERR_MUST_USE enum ks_err tpm2_public_fill(TPM2B_PUBLIC *area, EVP_PKEY *public,
                                          struct err_cause *cause);

/* The key of AREA; the caller frees *RET.  KS_ERR_KEY_OTHER: none of ours. */
ERR_MUST_USE enum ks_err tpm2_public_read(const TPM2B_PUBLIC *area,
                                          enum material_type *ret_type,
                                          EVP_PKEY **ret,
                                          struct err_cause *cause);

/* The Name of an object with AREA (Part 1, 16): SHA-256 only. */
ERR_MUST_USE enum ks_err tpm2_public_name(const TPM2B_PUBLIC *area,
                                          TPM2B_NAME *ret,
                                          struct err_cause *cause);

/* MADE, which the TPM has made of ASKED, must be that but for the numbers.
 * KS_ERR_TOKEN_WEAK: another kind of key came back. */
ERR_MUST_USE enum ks_err tpm2_public_check_made(const TPM2B_PUBLIC *asked,
                                                const TPM2B_PUBLIC *made,
                                                struct err_cause *cause);

/* AREA as bytes (TPMT_PUBLIC). */
ERR_MUST_USE enum ks_err tpm2_public_marshal(const TPM2B_PUBLIC *area,
                                             struct evidence_area *ret,
                                             struct err_cause *cause);

bool tpm2_public_same_name(const TPM2B_NAME *a, const TPM2B_NAME *b);

#endif
