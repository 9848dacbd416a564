/* SPDX-License-Identifier: Apache-2.0 */
/* What an EST client should put into its certification request: the answer of
 * csrattrs (RFC 7030, 4.5.2, as RFC 9908 clarifies it). */
#ifndef VAULT_CSR_ATTRIBUTES_H
#define VAULT_CSR_ATTRIBUTES_H

/* CsrAttrs in DER, as base64 lines: a key on P-256, and the request signed with
 * ECDSA and SHA-256.  It is a wish: certification_request.h says what is taken.
 * NULL after a fault. */
char *csr_attributes(void);

#endif
