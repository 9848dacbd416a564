/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential files made at run time: keys, certificates, PFXs and the XML
 * around them, good ones and every kind of bad one.  Ends the program where
 * OpenSSL fails: without its fixture a test proves nothing.  Needs
 * secret_init().
 */
#ifndef TESTS_UNIT_KEYSTORE_FIXTURE_H
#define TESTS_UNIT_KEYSTORE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "keystore/secret.h"

struct fixture_bytes {
    uint8_t *bytes; /* freed by fixture_free() */
    size_t length;
};

/* Wipes too. */
void fixture_free(struct fixture_bytes *bytes);

/* KIND is "RSA-" and a number of bits, a curve of NIST, or "ED25519". */
EVP_PKEY *fixture_key(const char *kind);

/* PKCS#8 of KEY, unencrypted. */
struct fixture_bytes fixture_pkcs8(EVP_PKEY *key);

struct fixture_certificate {
    EVP_PKEY *key;
    EVP_PKEY *signer;           /* NULL: the key itself */
    long from, to;              /* seconds from now; both 0: the usual 48 h */
    const char *extended_usage; /* NULL: clientAuth; "": no extension */
    const char *usage;          /* NULL: no extension */
};

X509 *fixture_certificate(const struct fixture_certificate *certificate);
struct fixture_bytes fixture_certificate_der(const X509 *certificate);

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
    unsigned nesting;     /* safeContents bags around the certificates */
    /* What is only declared, with nothing sensible behind: */
    X509_ALGOR *declared_key_cipher;
    X509_ALGOR *declared_certificate_cipher;
    int declared_mac_iterations;
};

struct fixture_bytes fixture_pfx(const struct fixture_pfx *pfx);

/* As Windows exports: 3DES for the key, RC2-40 for the certificate, 2000
 * iterations. */
struct fixture_pfx fixture_windows(EVP_PKEY *key, X509 *certificate);

/* Base64 without line breaks. */
char *fixture_base64(const uint8_t *bytes, size_t length);

/* The current generator's layout around MANAGEMENT. */
char *fixture_xml(const char *management);

/* TEXT, which is freed, with the first FROM replaced by TO. */
char *fixture_edit(char *text, const char *from, const char *to);

struct secret *fixture_secret(const void *bytes, size_t length);

#endif
