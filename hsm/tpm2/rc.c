/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of the TPM by its specification (Part 2, 6.6.3), those of other layers
 * by who speaks. */
#include "hsm/tpm2/rc.h"

#include <stddef.h>

#include <tss2/tss2_rc.h>
#include <tss2/tss2_tpm2_types.h>

#define FORMAT_ONE 0x080u

static const struct {
    TSS2_RC rc;
    enum ks_err err;
} codes[] = {
    {TPM2_RC_OBJECT_MEMORY, KS_ERR_TPM_SLOTS},
    {TPM2_RC_OBJECT_HANDLES, KS_ERR_TPM_SLOTS},
    {TPM2_RC_SESSION_MEMORY, KS_ERR_TPM_SESSIONS},
    {TPM2_RC_SESSION_HANDLES, KS_ERR_TPM_SESSIONS},
    {TPM2_RC_CONTEXT_GAP, KS_ERR_TPM_SESSIONS},
    {TPM2_RC_LOCKOUT, KS_ERR_PIN_LOCKED},
    {TPM2_RC_AUTH_FAIL, KS_ERR_PIN_WRONG},
    {TPM2_RC_BAD_AUTH, KS_ERR_PIN_WRONG},
    {TPM2_RC_RETRY, KS_ERR_TPM_BUSY},
    {TPM2_RC_YIELDED, KS_ERR_TPM_BUSY},
    {TPM2_RC_TESTING, KS_ERR_TPM_BUSY},
    {TPM2_RC_NV_RATE, KS_ERR_TPM_BUSY},
    {TPM2_RC_NV_UNAVAILABLE, KS_ERR_TPM_BUSY},
    {TPM2_RC_NV_SPACE, KS_ERR_TOKEN_FULL},
    {TPM2_RC_NV_DEFINED, KS_ERR_KEY_OTHER},
    {TPM2_RC_HANDLE, KS_ERR_KEY_MISSING},
    {TPM2_RC_INTEGRITY, KS_ERR_KEY_OTHER},
    {TPM2_RC_BINDING, KS_ERR_CRED_MISMATCH},
    {TPM2_RC_KEY_SIZE, KS_ERR_TOKEN_UNSUPPORTED},
    {TPM2_RC_CURVE, KS_ERR_TOKEN_UNSUPPORTED},
    {TPM2_RC_ASYMMETRIC, KS_ERR_TOKEN_UNSUPPORTED},
    {TPM2_RC_SCHEME, KS_ERR_TOKEN_UNSUPPORTED},
    {TPM2_RC_HASH, KS_ERR_TOKEN_UNSUPPORTED},
    {TPM2_RC_COMMAND_CODE, KS_ERR_TOKEN_UNSUPPORTED},
};

/* Resource managers answer for the TPM in layers of their own, where small
 * numbers are not the TPM's. */
static bool
is_of_tpm(TSS2_RC rc)
{
    TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

    return layer == TSS2_TPM_RC_LAYER ||
           ((layer == TSS2_RESMGR_RC_LAYER ||
             layer == TSS2_RESMGR_TPM_RC_LAYER) &&
            (rc & ~TSS2_RC_LAYER_MASK) >= FORMAT_ONE);
}

TSS2_RC
tpm2_rc_base(TSS2_RC rc)
{
    TSS2_RC code = rc & ~TSS2_RC_LAYER_MASK;

    if (!is_of_tpm(rc))
        return 0;
    if ((code & FORMAT_ONE) == 0)
        return code;
    return code & (FORMAT_ONE | 0x3fu); /* Part 2, figure 26: no N, no P */
}

bool
tpm2_rc_is_gone(TSS2_RC rc)
{
    TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

    if (layer == TSS2_TCTI_RC_LAYER)
        return true;
    /* ESYS after its transport failed, and answers that are not the TPM's */
    if (rc == TSS2_ESYS_RC_BAD_SEQUENCE || rc == TSS2_ESYS_RC_RSP_AUTH_FAILED ||
        rc == TSS2_ESYS_RC_MALFORMED_RESPONSE)
        return true;
    /* In the place of a session of ours stands one of another kind. */
    if (tpm2_rc_base(rc) == TPM2_RC_HANDLE && (rc & TPM2_RC_S) != 0)
        return true;
    return layer == TSS2_TPM_RC_LAYER && rc >= TPM2_RC_REFERENCE_H0 &&
           rc <= TPM2_RC_REFERENCE_S6;
}

bool
tpm2_rc_is_of_parameter(TSS2_RC rc)
{
    return is_of_tpm(rc) && (rc & FORMAT_ONE) != 0 && (rc & TPM2_RC_P) != 0;
}

bool
tpm2_rc_is_refused(TSS2_RC rc)
{
    TSS2_RC base = tpm2_rc_base(rc);

    return base == TPM2_RC_AUTH_FAIL || base == TPM2_RC_BAD_AUTH;
}

enum ks_err
tpm2_rc_set(struct err_cause *cause, TSS2_RC rc, const char *call)
{
    TSS2_RC base = tpm2_rc_base(rc);

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].rc == base)
            return err_set(cause, codes[i].err, "%s: %s", call,
                           Tss2_RC_Decode(rc));
    return err_set(cause, KS_ERR_TOKEN_FAILED, "%s: %s", call,
                   Tss2_RC_Decode(rc));
}
