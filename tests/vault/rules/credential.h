/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vault credentials file as a customer reads it: fields by name, and the key
 * and certificate out of its PFX.
 */
#ifndef TESTS_VAULT_RULES_CREDENTIAL_H
#define TESTS_VAULT_RULES_CREDENTIAL_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

struct credential {
    const char *path;
    const char *text; /* the file's bytes */
    size_t length;
    const char *pfx_base64;
    const uint8_t *pfx;
    size_t pfx_length;
    const char *name;      /* ResourceName */
    const char *vault;     /* ResourceId: V */
    const char *authority; /* A */
    const char *tenant;    /* T */
    const char *audience;
    const char *client_id;
    const char *endpoint; /* E */
    const char *origin;   /* O */
    EVP_PKEY *key;
    X509 *certificate;
};

struct credential *credential_read(const char *path);

/* An element's text, which must be there exactly once. */
const char *credential_field(const struct credential *credential,
                             const char *name);

/* The PFX, opened far enough to look at it; release with PKCS12_free(). */
PKCS12 *credential_pfx(const struct credential *credential);

/* The same with a key and certificate that only look like it: subject, issuer,
 * serial number, dates, extension. */
struct credential *credential_forge(const struct credential *credential);

/* SHA-256 or SHA-1 of the certificate: lower-case hex, or base64url. */
const char *credential_thumbprint_hex(const struct credential *credential);
const char *credential_thumbprint(const struct credential *credential,
                                  const EVP_MD *digest);

#endif
