/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions of an EK certificate: who made the TPM, and what for. */
#ifndef VAULT_ATTESTATION_EK_EXTENSION_H
#define VAULT_ATTESTATION_EK_EXTENSION_H

#include "tests/vault/attestation/ek_certificate.h"

/* EXTENSIONS is the content of Extensions (RFC 5280, 4.1); fills maker, usage
 * and nothing else.  NULL, or why not, in words that follow "the EK's
 * certificate": a critical extension that is not known here is one reason. */
const char *ek_extension_read(struct tlv_bytes extensions,
                              struct ek_certificate *ret);

#endif
