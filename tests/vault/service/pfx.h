/* SPDX-License-Identifier: Apache-2.0 */
/* A PFX (RFC 7292) as Windows exports one without a password: the key bag by
 * SHA-1 and 3DES, the certificate bag by SHA-1 and RC2-40, a SHA-1 MAC, 2000
 * rounds each, the empty password.  Protects nothing, and is what real
 * credential files have in them. */
#ifndef VAULT_PFX_H
#define VAULT_PFX_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

/* New bytes, NULL after a fault.  Needs OpenSSL's legacy provider loaded. */
uint8_t *pfx_make(EVP_PKEY *key, X509 *certificate, const char *friendly_name,
                  size_t *ret);

#endif
