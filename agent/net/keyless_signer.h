/* SPDX-License-Identifier: Apache-2.0 */
/* The signer of a key without a private half: it makes the signatures. */
#ifndef AGENT_NET_KEYLESS_SIGNER_H
#define AGENT_NET_KEYLESS_SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sign CONTENT (a CertificateVerify's, RFC 8446, 4.4.3) by the TLS
 * SignatureScheme SCHEME.  SIGNATURE has room for *LENGTH bytes and gets what
 * goes on the wire; false where it could not be made. */
typedef bool keyless_signer(void *context, uint16_t scheme,
                            const uint8_t *content, size_t content_length,
                            uint8_t *signature, size_t *length);

#endif
