/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM's public areas as keys of OpenSSL's. */
#ifndef TESTS_VAULT_RULES_TPM_PUBLIC_H
#define TESTS_VAULT_RULES_TPM_PUBLIC_H

#include <openssl/evp.h>
#include <tss2/tss2_esys.h>

/* On P-256; lives as long as the test. */
EVP_PKEY *tpm_public_ecc(const TPM2B_PUBLIC *public);

/* For EVP_PKEY_free(). */
EVP_PKEY *tpm_public_rsa(const TPM2B_PUBLIC *public);

#endif
