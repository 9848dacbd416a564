/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence files of a TPM that has its maker's certificates, taken by the
 * vault's verifier, in the test's own directory
 * (tests/support/own_directory.h). For cmocka: what goes wrong fails the test.
 */
#ifndef TESTS_ATTESTATION_MADE_H
#define TESTS_ATTESTATION_MADE_H

#include <stdbool.h>

#include <openssl/types.h>

/* The TPM; its maker's certificates are "roots/maker.pem". */
void made_begin(void);
void made_end(void);

/* Who gives AKs their certificates. */
struct made_vault {
    EVP_PKEY *key;
    X509 *certificate;
};

/* A vault with a new attestation CA, whose certificate is the file NAME. */
void made_found(struct made_vault *vault, const char *name);
void made_forget(struct made_vault *vault);

/* A machine with a key on P-256, or an RSA key, attests, and its evidence file
 * is NAME.  VAULT gives the AK a certificate; NULL: one that does not trust the
 * TPM. */
void made_file(const char *name, bool rsa, const struct made_vault *vault);

#endif
