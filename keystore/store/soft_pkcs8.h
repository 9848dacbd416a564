/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the software emulation as bytes: PKCS#8 (RFC 5208), not encrypted,
 * with the origin of the key in an attribute.
 */
#ifndef KEYSTORE_STORE_SOFT_PKCS8_H
#define KEYSTORE_STORE_SOFT_PKCS8_H

#include "keystore/store/keystore.h"

/* MATERIAL, the private half of PUBLIC, as an OpenSSL key that the caller
 * frees. */
ERR_MUST_USE enum ks_err soft_pkcs8_join(const struct material *material,
                                         EVP_PKEY *public, EVP_PKEY **ret,
                                         struct err_cause *cause);

/* KEY with what is to be known of it; the caller frees *RET. */
ERR_MUST_USE enum ks_err soft_pkcs8_encode(EVP_PKEY *key, const char *label,
                                           enum keystore_origin origin,
                                           struct secret **ret,
                                           struct err_cause *cause);

/* The way back; the caller frees *RET.  A key that does not say where it comes
 * from was imported.  KS_ERR_TOKEN_FAILED: no key; KS_ERR_KEY_OTHER: one of a
 * type that is none of ours. */
ERR_MUST_USE enum ks_err soft_pkcs8_decode(const struct secret *bytes,
                                           EVP_PKEY **ret,
                                           enum keystore_origin *ret_origin,
                                           struct err_cause *cause);

/* The public half of KEY as a key of its own, which the caller frees. */
ERR_MUST_USE enum ks_err soft_pkcs8_public(EVP_PKEY *key, EVP_PKEY **ret,
                                           struct err_cause *cause);

#endif
