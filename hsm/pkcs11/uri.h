/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token's PKCS#11 URI (RFC 7512), parsed by p11-kit and held to what names a
 * token: anything else in it is an error, not a matter of taste.
 */
#ifndef HSM_PKCS11_URI_H
#define HSM_PKCS11_URI_H

#include "keystore/base/err.h"

/* Empty string: the URI does not say. */
struct pkcs11_uri {
    char module[256]; /* module-path, absolute */
    char module_name[64];
    char token[33];
    char manufacturer[33];
    char model[17];
    char serial[17];
};

/* KS_ERR_TOKEN_URI: no pkcs11: URI, names no token, holds pin-value or
 * pin-source (use --pin-file), an object's attributes, an attribute twice or an
 * unknown one, a relative module-path, or module-path and module-name.  The
 * cause never repeats a pin-value. */
ERR_MUST_USE enum ks_err pkcs11_uri_parse(const char *text,
                                          struct pkcs11_uri *ret,
                                          struct err_cause *cause);

#endif
