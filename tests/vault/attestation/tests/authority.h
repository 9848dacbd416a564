/* SPDX-License-Identifier: Apache-2.0 */
/* Makers' certificate authorities, by OpenSSL. */
#ifndef VAULT_ATTESTATION_TESTS_AUTHORITY_H
#define VAULT_ATTESTATION_TESTS_AUTHORITY_H

#include <stdint.h>

#include <openssl/types.h>

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

/* How one is; ISSUER NULL is self-signed. */
struct authority_of {
    const char *name; /* common name */
    const struct authority *issuer;
    const char *kind;        /* "RSA" (2048 bits), "P-256" */
    const char *constraints; /* "CA:TRUE,pathlen:0", as in openssl.cnf */
    const char *digest;      /* "SHA256" */
    int64_t from, to;        /* UTC seconds */
};

void authority_make(const struct authority_of *of, struct authority *ret);
void authority_free(struct authority *authority);

/* Its certificate as PEM into a new file. */
void authority_save(const struct authority *authority, const char *path);

#endif
