/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM's word on itself, which takes no authorisation (TPM2_GetCapability). */
#ifndef HSM_TPM2_PROPERTY_H
#define HSM_TPM2_PROPERTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tss2/tss2_esys.h>

/* The state of the protection against guessing (TPM 2.0 Part 1, 19.8). */
struct tpm2_lockout {
    bool locked;
    uint32_t failures;     /* refused so far */
    uint32_t failures_max; /* then it locks */
    uint32_t interval;     /* seconds until one of them is forgotten */
};

struct tpm2_property {
    char maker[33];
    char model[17];
    char firmware[24];
    bool emulated;   /* the maker is known for software */
    size_t nv_piece; /* the most bytes that one TPM2_NV_Read gives */
    bool owner_auth;
    bool endorsement_auth;
    struct tpm2_lockout lockout;
};

/* Read the members that never change: all but the last three.  One command, and
 * only that, for it is asked of every TPM that is opened.  Fails with the TSS's
 * code. */
TSS2_RC tpm2_property_read(ESYS_CONTEXT *esys, struct tpm2_property *ret);

/* Read those that change, the last three, into PROPERTY.  One command. */
TSS2_RC tpm2_property_read_lockout(ESYS_CONTEXT *esys,
                                   struct tpm2_property *property);

/* Ask whether the TPM takes keys of AREA's type.  Fails with the TSS's code
 * where the TPM did not say. */
TSS2_RC tpm2_property_takes(ESYS_CONTEXT *esys, const TPM2B_PUBLIC *area,
                            bool *ret);

#endif
