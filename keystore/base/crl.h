/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate revocation lists (RFC 5280, 5) from a file: several in PEM with
 * whatever text between them (RFC 7468), or one in DER.
 */
#ifndef KEYSTORE_BASE_CRL_H
#define KEYSTORE_BASE_CRL_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "keystore/base/err.h"

/* Read all lists of BYTES, or none: what was given is there to be believed, so
 * that one which cannot be used spoils the file.  KS_ERR_CRL: no list, one that
 * is broken off or malformed, without nextUpdate, or a delta CRL.  No signature
 * is looked at.  The caller frees *RET with sk_X509_CRL_pop_free(). */
ERR_MUST_USE enum ks_err crl_read(const unsigned char *bytes, size_t length,
                                  STACK_OF(X509_CRL) * *ret,
                                  struct err_cause *cause);

/* Has each of LISTS ended, or not begun? */
bool crl_all_out_of_date(const STACK_OF(X509_CRL) * lists);

#endif
