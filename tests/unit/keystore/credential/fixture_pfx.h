/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PFX files (PKCS #12, RFC 7292) made at run time.
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_FIXTURE_PFX_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_FIXTURE_PFX_H

#include "tests/unit/keystore/credential/fixture.h"

/* The numbers a PFX has of each; NULLs end the lists. */
#define FIXTURE_KEYS 2
#define FIXTURE_CERTIFICATES 3

struct fixture_pfx {
    EVP_PKEY *keys[FIXTURE_KEYS + 1];
    X509 *certificates[FIXTURE_CERTIFICATES + 1];
    int key_cipher; /* NIDs; -1: not encrypted */
    int certificate_cipher;
    const char *password; /* NULL and "" differ */
    int mac_iterations;   /* 0: no MAC */
    const char *mac;      /* NULL: SHA-1 */
    unsigned nesting;     /* safeContents bags around the certificates */
    /* What is only declared, with nothing sensible behind: */
    X509_ALGOR *declared_key_cipher;
    X509_ALGOR *declared_certificate_cipher;
    int declared_mac_iterations;
};

/* OpenSSL with the legacy provider, too, which has RC2-40. */
OSSL_LIB_CTX *fixture_library(void);

struct fixture_bytes fixture_pfx(const struct fixture_pfx *pfx);

/* As Windows exports: 3DES for the key, RC2-40 for the certificate, 2000
 * iterations. */
struct fixture_pfx fixture_windows(EVP_PKEY *key, X509 *certificate);

#endif
