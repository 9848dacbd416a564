/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The templates of endorsement keys (TCG EK Credential Profile, B.3 and B.4),
 * and where in a TPM such a key and its certificate stand.
 */
#ifndef HSM_TPM2_ENDORSEMENT_TEMPLATE_H
#define HSM_TPM2_ENDORSEMENT_TEMPLATE_H

#include <stdbool.h>

#include <tss2/tss2_tpm2_types.h>

/* In the order in which they are preferred. */
enum tpm2_endorsement_kind {
    TPM2_ENDORSEMENT_RSA,  /* template L-1, RSA-2048 */
    TPM2_ENDORSEMENT_P256, /* template L-2 */
    TPM2_ENDORSEMENT_P384, /* template H-3 */
    TPM2_ENDORSEMENT__MAX
};

struct tpm2_endorsement_template {
    const char *algorithm;
    TPM2_HANDLE certificate; /* index in NV */
    TPM2_HANDLE handle;      /* where the key may stand, or 0 */
    TPM2B_PUBLIC public;
};
extern const struct tpm2_endorsement_template
    tpm2_endorsement_templates[TPM2_ENDORSEMENT__MAX];

/* The two policies of which template H-3 wants one. */
extern const TPML_DIGEST tpm2_endorsement_either;

/* Is AREA of the template of KIND, but for its numbers? */
bool tpm2_endorsement_template_is(enum tpm2_endorsement_kind kind,
                                  const TPM2B_PUBLIC *area);

#endif
