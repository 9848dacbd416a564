/* SPDX-License-Identifier: Apache-2.0 */
/* Handles belong to the TPM's owner and may be given to others: what stands at
 * one is ours by its Name alone. */
#include "hsm/tpm2/persist.h"

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"

#define HANDLES 16 /* tried from the URI's on */

enum ks_err
tpm2_persist_choose(struct tpm2_connection *tpm, TPM2_HANDLE *ret,
                    struct err_cause *cause)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more = TPM2_NO;
    TPM2_HANDLE handle = tpm->uri.handle;
    TSS2_RC rc = Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                    ESYS_TR_NONE, TPM2_CAP_HANDLES, handle,
                                    HANDLES, &more, &data);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_GetCapability");
    for (UINT32 i = 0; i < data->data.handles.count && i < HANDLES; i++)
        handle += data->data.handles.handle[i] == handle;
    Esys_Free(data);
    if (handle >= tpm->uri.handle + HANDLES)
        return err_set(cause, KS_ERR_TOKEN_FULL,
                       "the %d handles from 0x%x on are taken; free one with "
                       "tpm2_evictcontrol, or name others with ;handle=",
                       HANDLES, tpm->uri.handle);
    *ret = handle;
    return KS_OK;
}

/* TPM2_EvictControl keeps a loaded object, and destroys a kept one. */
static enum ks_err
evict_control(struct tpm2_connection *tpm, ESYS_TR object, TPM2_HANDLE handle,
              ESYS_TR *ret, struct err_cause *cause)
{
    TSS2_RC rc = Esys_EvictControl(tpm->esys, ESYS_TR_RH_OWNER, object,
                                   ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                   handle, ret);

    if (tpm2_rc_is_refused(rc))
        return err_set(cause, KS_ERR_TPM_OWNER, "TPM2_EvictControl at 0x%x",
                       handle);
    return rc == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_connection_fail(tpm, cause, rc, "TPM2_EvictControl");
}

enum ks_err
tpm2_persist_keep(struct tpm2_connection *tpm, ESYS_TR object,
                  TPM2_HANDLE handle, struct err_cause *cause)
{
    ESYS_TR kept = ESYS_TR_NONE;
    enum ks_err rc = evict_control(tpm, object, handle, &kept, cause);

    if (rc == KS_OK)
        (void)Esys_TR_Close(tpm->esys, &kept);
    return rc;
}

/* A Name is that of the object's area, whatever the TPM calls it: what the area
 * says is then as sure as the record. */
static enum ks_err
read_public(struct tpm2_connection *tpm, ESYS_TR object, TPM2B_PUBLIC *ret,
            TPM2B_NAME *ret_name, struct err_cause *cause)
{
    TPM2B_PUBLIC *area = NULL;
    TSS2_RC rc = Esys_ReadPublic(tpm->esys, object, ESYS_TR_NONE, ESYS_TR_NONE,
                                 ESYS_TR_NONE, &area, NULL, NULL);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_ReadPublic");
    *ret = *area;
    Esys_Free(area);
    return tpm2_public_name(ret, ret_name, cause);
}

enum ks_err
tpm2_persist_open(struct tpm2_connection *tpm, struct tpm2_record *record,
                  ESYS_TR *ret, struct err_cause *cause)
{
    TPM2B_NAME name = {.size = 0};
    enum ks_err rc;
    TSS2_RC tss = Esys_TR_FromTPMPublic(tpm->esys, record->handle, ESYS_TR_NONE,
                                        ESYS_TR_NONE, ESYS_TR_NONE, ret);

    if (tss != TSS2_RC_SUCCESS) {
        *ret = ESYS_TR_NONE;
        return tpm2_connection_fail(tpm, cause, tss, "TPM2_ReadPublic");
    }
    rc = read_public(tpm, *ret, &record->public, &name, cause);
    if (rc == KS_OK && !tpm2_public_same_name(&name, &record->name))
        rc = err_set(cause, KS_ERR_KEY_OTHER, "another stands at 0x%x",
                     record->handle);
    return rc;
}

enum ks_err
tpm2_persist_evict(struct tpm2_connection *tpm,
                   const struct tpm2_record *record, struct err_cause *cause)
{
    struct tpm2_record found = *record;
    ESYS_TR object = ESYS_TR_NONE;
    ESYS_TR none = ESYS_TR_NONE;
    enum ks_err rc = tpm2_persist_open(tpm, &found, &object, cause);

    if (rc == KS_OK)
        rc = evict_control(tpm, object, record->handle, &none, cause);
    else if (rc == KS_ERR_KEY_MISSING || rc == KS_ERR_KEY_OTHER)
        rc = KS_OK; /* then there is nothing of ours */
    /* ESYS would take the next object at this handle for it. */
    if (object != ESYS_TR_NONE)
        (void)Esys_TR_Close(tpm->esys, &object);
    return rc;
}
