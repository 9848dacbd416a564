/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back from material to bytes, for stores that take a key only as a
 * wrapped PKCS#8 structure.
 */
#ifndef KEYSTORE_STORE_MATERIAL_PKCS8_H
#define KEYSTORE_STORE_MATERIAL_PKCS8_H

#include "keystore/store/material.h"
#include "keystore/base/secret.h"

/* MATERIAL as a PrivateKeyInfo (RFC 5208) without attributes: what a file's
 * maker noted there is no business of a store's.  The caller frees *RET. */
ERR_MUST_USE enum ks_err material_pkcs8(const struct material *material,
                                        struct secret **ret,
                                        struct err_cause *cause);

#endif
