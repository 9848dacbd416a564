/* SPDX-License-Identifier: Apache-2.0 */
/* How an EK and an AK have to be made to be one. */
#ifndef VAULT_ATTESTATION_TEMPLATE_H
#define VAULT_ATTESTATION_TEMPLATE_H

#include "tests/vault/attestation/area.h"
#include "tests/vault/attestation/verifier.h"

/* The EK is of one of the templates L-1 (RSA-2048), L-2 (P-256) and H-3
 * (P-384) of the TCG EK Credential Profile 2.5, appendix B: no TPM answers a
 * challenge for a key that may be used otherwise. */
bool template_check_ek(const struct area *ek, struct attestation_fault *ret);

/* The AK was born in its TPM, stays there, and signs only what that TPM has
 * made itself.  A restricted key that was imported has all but the first three
 * attributes, and its owner can sign with it elsewhere whatever looks like a
 * TPM's statement. */
bool template_check_ak(const struct area *ak, struct attestation_fault *ret);

/* The machine's key was born in its TPM and stays there, and it signs what it
 * is given: a restricted one could not serve TLS. */
bool template_check_machine(const struct area *machine,
                            struct attestation_fault *ret);

#endif
