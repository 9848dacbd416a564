/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential files made at run time: keys, certificates and the XML around
 * them, good ones and every kind of bad one.  Ends the program where
 * OpenSSL fails: without its fixture a test proves nothing.  Needs
 * secret_init().
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_FIXTURE_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "keystore/base/secret.h"

/* Needs <stdio.h> and <stdlib.h>. */
#define FIXTURE_NEED(holds)                                                    \
    do {                                                                       \
        if (!(holds)) {                                                        \
            (void)fprintf(stderr, "fixture: %s\n", #holds);                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

struct fixture_bytes {
    uint8_t *bytes; /* freed by fixture_free() */
    size_t length;
};

/* Wipes too. */
void fixture_free(struct fixture_bytes *bytes);

/* A curve that no row of keystore/store/scheme.c has. */
#define FIXTURE_FOREIGN_CURVE "P-521"

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

/* Base64 without line breaks. */
char *fixture_base64(const uint8_t *bytes, size_t length);

/* The current generator's layout around MANAGEMENT. */
char *fixture_xml(const char *management);

/* TEXT, which is freed, with the first FROM replaced by TO. */
char *fixture_edit(char *text, const char *from, const char *to);

struct secret *fixture_secret(const void *bytes, size_t length);

#endif
