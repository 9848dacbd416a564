/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over the safes and bags of a PFX (RFC 7292, 4), with one password.
 * Only pfx.c includes this.
 */
#ifndef KEYSTORE_CREDENTIAL_PFX_WALK_H
#define KEYSTORE_CREDENTIAL_PFX_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "keystore/base/secret.h"

struct pfx_walk {
    OSSL_LIB_CTX *library; /* whose ciphers decrypt */
    const char *password;  /* NULL or "" */
    int64_t iterations;    /* that may still be done, over all walks */
    bool authentic;        /* the MAC was made with this password */
    unsigned closed;       /* safes that no password opens */
    STACK_OF(X509) * certificates;
    struct secret *key; /* PKCS#8 */
    struct err_cause *cause;
};

/* Collect the key and the certificates of SAFES.  KS_ERR_CRED_PASSWORD: it is
 * not the password; KS_ERR_CRED_UNUSABLE: a way of writing that is not read
 * here; KS_ERR_CRED_FORMAT: damaged; KS_ERR_CRED_WEAK. */
ERR_MUST_USE enum ks_err pfx_walk(struct pfx_walk *walk,
                                  const STACK_OF(PKCS7) * safes);

/* Free what was collected, and be ready to walk again. */
void pfx_walk_forget(struct pfx_walk *walk);

/* Refuse what cannot be decoded: KS_ERR_CRED_FORMAT where a download may have
 * been damaged, _UNUSABLE where a MAC has shown that it was not.  Empties
 * OpenSSL's queue. */
enum ks_err pfx_walk_refuse(const struct pfx_walk *walk, const char *what);

#endif
