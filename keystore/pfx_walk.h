/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over the safes and bags of a PFX (RFC 7292, 4), with one password.
 * Only pfx.c includes this.
 */
#ifndef KEYSTORE_PFX_WALK_H
#define KEYSTORE_PFX_WALK_H

#include <stdint.h>

#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "keystore/secret.h"

struct pfx_walk {
    OSSL_LIB_CTX *library; /* whose ciphers decrypt */
    const char *password;  /* NULL or "" */
    int64_t iterations;    /* that may still be done, over all walks */
    unsigned bags;
    STACK_OF(X509) * certificates;
    struct secret *key; /* PKCS#8 */
    struct err_cause *cause;
};

/* Collect the key and the certificates of SAFES.  KS_ERR_CRED_PASSWORD: it is
 * not the password; KS_ERR_CRED_FORMAT; KS_ERR_CRED_WEAK: a huge key. */
ERR_MUST_USE enum ks_err pfx_walk(struct pfx_walk *walk,
                                  const STACK_OF(PKCS7) * safes);

/* Free what was collected, and be ready to walk again. */
void pfx_walk_forget(struct pfx_walk *walk);

/* The two answers to what cannot be opened; they empty OpenSSL's queue. */
enum ks_err pfx_walk_refuse(struct err_cause *cause, const char *what);
enum ks_err pfx_walk_locked(struct err_cause *cause);

#endif
