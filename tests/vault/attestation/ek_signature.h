/* SPDX-License-Identifier: Apache-2.0 */
/* The signature of an EK certificate. */
#ifndef VAULT_ATTESTATION_EK_SIGNATURE_H
#define VAULT_ATTESTATION_EK_SIGNATURE_H

#include "tests/vault/attestation/ek_certificate.h"

/* ALGORITHM is the content of an AlgorithmIdentifier: RSA, RSASSA-PSS or ECDSA
 * with SHA-256, SHA-384 or SHA-512.  NULL, or why not, in words that follow
 * "the EK's certificate". */
const char *ek_signature_read(struct tlv_bytes algorithm,
                              struct ek_signature *ret);

#endif
