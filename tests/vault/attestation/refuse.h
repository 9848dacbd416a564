/* SPDX-License-Identifier: Apache-2.0 */
/* A check that failed, in a sentence.  The first one counts: who finds it
 * returns what these return, which is false. */
#ifndef VAULT_ATTESTATION_REFUSE_H
#define VAULT_ATTESTATION_REFUSE_H

#include "tests/vault/attestation/verifier.h"

#define REFUSE_FORMAT __attribute__((format(printf, 2, 3)))

REFUSE_FORMAT bool refuse_endorsement(struct attestation_fault *ret,
                                      const char *format, ...);
REFUSE_FORMAT bool refuse_evidence(struct attestation_fault *ret,
                                   const char *format, ...);
/* The vault's own fault. */
REFUSE_FORMAT bool refuse_vault(struct attestation_fault *ret,
                                const char *format, ...);

#endif
