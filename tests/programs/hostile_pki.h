/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys and certificates of the hostile server, made at its start.
 */
#ifndef TESTS_PROGRAMS_HOSTILE_PKI_H
#define TESTS_PROGRAMS_HOSTILE_PKI_H

#include <openssl/x509.h>

#include "tests/programs/hostile.h"

/* The one machine that is enrolled. */
#define HOSTILE_MACHINE "11111111-2222-4333-8444-555555555555"

struct hostile_pki {
    EVP_PKEY *authority_key, *stranger_key, *server_key;
    X509 *authority, *stranger; /* issuers */
    X509 *server[HOSTILE_IDENTITY__MAX];
};

/* Make them all, and write the authority's certificate to CA_FILE. */
void hostile_pki_make(struct hostile_pki *pki, const char *ca_file);
void hostile_pki_free(struct hostile_pki *pki);

/* The authority alone, and a machine's certificate of vault VAULT for a base64
 * PKCS #10 REQUEST, as base64 certs-only PKCS #7; the caller frees it.  NULL
 * for what is no request. */
char *hostile_pki_authorities(const struct hostile_pki *pki);
char *hostile_pki_enrol(const struct hostile_pki *pki, const char *request,
                        const char *vault);

#endif
