/* SPDX-License-Identifier: Apache-2.0 */
/* Where it goes is written down before it goes there, so that a crash leaves no
 * object that nobody can find. */
#include "hsm/tpm2/persist.h"

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"
#include "hsm/tpm2/record.h"

#define HANDLES 16 /* tried from the URI's on */

static enum ks_err
failed(struct tpm2_key *key, struct err_cause *cause, TSS2_RC rc,
       const char *call)
{
    if (tpm2_rc_is_refused(rc))
        return err_set(cause, KS_ERR_TPM_OWNER, "%s at 0x%x", call,
                       key->handle);
    return tpm2_store_fail(tpm2_key_store(key), cause, rc, call);
}

/* The first handle from the URI's on that the TPM does not list. */
static enum ks_err
choose_handle(struct tpm2_store *store, TPM2_HANDLE *ret,
              struct err_cause *cause)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more = TPM2_NO;
    TPM2_HANDLE handle = store->uri.handle;
    TSS2_RC rc = Esys_GetCapability(store->esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                    ESYS_TR_NONE, TPM2_CAP_HANDLES, handle,
                                    HANDLES, &more, &data);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_store_fail(store, cause, rc, "TPM2_GetCapability");
    for (UINT32 i = 0; i < data->data.handles.count && i < HANDLES; i++)
        handle += data->data.handles.handle[i] == handle;
    Esys_Free(data);
    if (handle >= store->uri.handle + HANDLES)
        return err_set(cause, KS_ERR_TOKEN_FULL,
                       "the %d handles from 0x%x on are taken; free one with "
                       "tpm2_evictcontrol, or name others with ;handle=",
                       HANDLES, store->uri.handle);
    *ret = handle;
    return KS_OK;
}

static TSS2_RC
move(struct tpm2_key *key, ESYS_TR object, ESYS_TR *ret)
{
    return Esys_EvictControl(tpm2_key_store(key)->esys, ESYS_TR_RH_OWNER,
                             object, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                             ESYS_TR_NONE, key->handle, ret);
}

/* After a failure what may stand at HANDLE goes, on a new connection where the
 * old one broke.  Where that fails, too, KEY keeps the handle. */
static enum ks_err
undo(struct tpm2_key *key, TPM2_HANDLE handle, enum ks_err rc)
{
    struct tpm2_store *store = tpm2_key_store(key);
    bool gone = store->gone;
    enum ks_err undone = KS_OK;

    key->handle = handle;
    if (gone)
        undone = tpm2_store_reconnect(store, NULL);
    if (undone == KS_OK)
        undone = tpm2_persist_evict(key, NULL);
    if (undone == KS_OK)
        key->handle = 0;
    store->gone = gone; /* and the whole call is made again */
    return rc;
}

enum ks_err
tpm2_persist(struct tpm2_key *key, struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    ESYS_TR kept = ESYS_TR_NONE;
    TPM2_HANDLE handle = 0;
    enum ks_err rc = choose_handle(store, &handle, cause);
    TSS2_RC tss;

    if (rc != KS_OK)
        return rc;
    key->handle = handle;
    rc = tpm2_record_write(key, "", cause);
    if (rc == KS_OK) {
        tss = move(key, key->object, &kept);
        if (tss == TSS2_RC_SUCCESS)
            (void)Esys_TR_Close(store->esys, &kept);
        else
            rc = failed(key, cause, tss, "TPM2_EvictControl");
    }
    key->handle = 0; /* what is loaded is a copy of its own */
    tpm2_key_unload(key);
    if (rc == KS_OK) {
        key->handle = handle;
        key->private.size = 0;
        rc = tpm2_record_drop_pem(key, cause);
    }
    if (rc == KS_OK)
        rc = tpm2_key_load(key, cause);
    return rc == KS_OK ? KS_OK : undo(key, handle, rc);
}

/* Fill in what stands at the handle.  Its Name is that of its area, whatever
 * the TPM calls it: what the area says is then as sure as the record. */
static enum ks_err
read_public(struct tpm2_key *key, TPM2B_NAME *ret, struct err_cause *cause)
{
    TPM2B_PUBLIC *area = NULL;
    TSS2_RC rc = Esys_ReadPublic(tpm2_key_store(key)->esys, key->object,
                                 ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                 &area, NULL, NULL);
    enum ks_err named;

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_store_fail(tpm2_key_store(key), cause, rc,
                               "TPM2_ReadPublic");
    key->public = *area;
    named = tpm2_public_name(area, ret, cause);
    Esys_Free(area);
    return named;
}

enum ks_err
tpm2_persist_open(struct tpm2_key *key, struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    TPM2B_NAME name = {.size = 0};
    enum ks_err rc;
    TSS2_RC tss = Esys_TR_FromTPMPublic(store->esys, key->handle, ESYS_TR_NONE,
                                        ESYS_TR_NONE, ESYS_TR_NONE,
                                        &key->object);

    if (tss != TSS2_RC_SUCCESS) {
        key->object = ESYS_TR_NONE;
        return tpm2_store_fail(store, cause, tss, "TPM2_ReadPublic");
    }
    rc = read_public(key, &name, cause);
    if (rc != KS_OK)
        return rc;
    if (!tpm2_public_same_name(&name, &key->name))
        return err_set(cause, KS_ERR_KEY_OTHER, "another stands at 0x%x",
                       key->handle);
    return KS_OK;
}

enum ks_err
tpm2_persist_evict(struct tpm2_key *key, struct err_cause *cause)
{
    ESYS_TR none = ESYS_TR_NONE;
    enum ks_err rc = tpm2_persist_open(key, cause);
    TSS2_RC tss;

    /* Then there is nothing of ours. */
    if (rc == KS_ERR_KEY_MISSING || rc == KS_ERR_KEY_OTHER) {
        tpm2_key_unload(key);
        return KS_OK;
    }
    if (rc != KS_OK)
        return rc;
    tss = move(key, key->object, &none);
    if (tss != TSS2_RC_SUCCESS) {
        tpm2_key_unload(key);
        return failed(key, cause, tss, "TPM2_EvictControl");
    }
    /* ESYS would take the next object at this handle for it. */
    (void)Esys_TR_Close(tpm2_key_store(key)->esys, &key->object);
    key->object = ESYS_TR_NONE;
    return KS_OK;
}
