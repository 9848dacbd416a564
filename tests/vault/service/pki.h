/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates that the vault makes: its TLS certificate, its machine
 * authority, the machines' certificates, and (in the child that makes a
 * credential) the self-signed certificate of a credential. */
#ifndef VAULT_PKI_H
#define VAULT_PKI_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

/* What a certificate is to say.  Texts are borrowed. */
struct pki_plan {
    const char *organization; /* NULL: none */
    const char *unit;         /* NULL: none */
    const char *common_name;
    const char *alternative; /* as in openssl.cnf, or NULL */
    const char *usage;       /* extended key usage, or NULL */
    bool authority;
    bool bare; /* no extension but the usage, as Microsoft's are */
    int64_t from, to;
};

/* "P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096"; NULL after a fault. */
EVP_PKEY *pki_key(const char *kind);

/* A certificate over PUBLIC, signed by ISSUER_KEY; self-signed where ISSUER is
 * NULL.  NULL after a fault. */
X509 *pki_certificate(const struct pki_plan *plan, EVP_PKEY *public,
                      X509 *issuer, EVP_PKEY *issuer_key);

/* PEM files.  Keys are made with mode 0600, certificates with 0644. */
bool pki_save_key(const char *path, EVP_PKEY *key);
bool pki_save_certificate(const char *path, X509 *certificate);
EVP_PKEY *pki_load_key(const char *path);
X509 *pki_load_certificate(const char *path);

/* Is CERTIFICATE for a TLS client, from AUTHORITY, and in date AT?
 * A number of X509_V_..., X509_V_OK for yes. */
int pki_check(X509 *certificate, X509 *authority, int64_t at);

/* The certificate's end. */
int64_t pki_end(const X509 *certificate);

/* PKCS#7 with CERTIFICATE in it and nothing signed (RFC 5652, 5.2), as base64
 * lines; NULL after a fault. */
char *pki_certs_only(X509 *certificate);

#endif
