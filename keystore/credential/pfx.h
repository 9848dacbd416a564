/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PFX (PKCS #12, RFC 7292) read bag by bag.  PKCS12_parse() must not be used:
 * it leaves copies of the whole private key in freed memory.
 */
#ifndef KEYSTORE_CREDENTIAL_PFX_H
#define KEYSTORE_CREDENTIAL_PFX_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "keystore/base/secret.h"

/* KDF iterations that all of one file may cost together; none is done that
 * would exceed it.  NSS writes 600,000 for the MAC, which is tried with both
 * empty passwords, for the key and for the certificates: 2.4 million. */
#define PFX_ITERATIONS_MAX 3000000

/* See credential_parse_init(). */
ERR_MUST_USE enum ks_err pfx_init(struct err_cause *cause);

/* Take the one private key and the one certificate that belongs to it out of a
 * PFX in BER; bytes behind it are passed over.  The password is the empty one,
 * as Windows writes it: both ways to say that (NULL and "") are tried.  All
 * ciphers, key derivations and MACs are read that OpenSSL has: an empty
 * password makes them equal.  *RET_KEY is PKCS#8 in DER
 * (keystore/store/material.h); the caller frees both.  KS_ERR_CRED_FORMAT: not
 * a PFX, or damaged; KS_ERR_CRED_UNUSABLE: written in a way that is not read
 * here, too costly, more than one key, not exactly one certificate of it;
 * KS_ERR_CRED_NO_KEY (also for a bare certificate), _PASSWORD, _MISMATCH,
 * _WEAK. */
ERR_MUST_USE enum ks_err pfx_open(const uint8_t *der, size_t length,
                                  X509 **ret_certificate,
                                  struct secret **ret_key,
                                  struct err_cause *cause);

#endif
