/* SPDX-License-Identifier: Apache-2.0 */
/* Hygiene only: what cannot be looked at or flushed is left. */
#include "hsm/tpm2/leftover.h"

#include "hsm/tpm2/directory.h"
#include "hsm/tpm2/key.h"
#include "hsm/tpm2/public.h"

#define HANDLES_MAX 16

/* Loaded objects (TPM 2.0 Part 2, 7.2); the TSS shifts a signed number for it,
 * out of its range. */
#define TRANSIENT_FIRST 0x80000000u

static size_t
list(ESYS_CONTEXT *esys, TPM2_HANDLE ret[static HANDLES_MAX])
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more = TPM2_NO;
    size_t count = 0;

    if (Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                           TPM2_CAP_HANDLES, TRANSIENT_FIRST, HANDLES_MAX,
                           &more, &data) != TSS2_RC_SUCCESS)
        return 0;
    for (; count < data->data.handles.count && count < HANDLES_MAX; count++)
        ret[count] = data->data.handles.handle[count];
    Esys_Free(data);
    return count;
}

static bool
is_at(const struct tpm2_store *store, ESYS_TR object, TPM2_HANDLE handle)
{
    TPM2_HANDLE own = 0;

    return Esys_TR_GetTpmHandle(store->esys, object, &own) == TSS2_RC_SUCCESS &&
           own == handle;
}

static bool
is_in_use(const struct tpm2_store *store, TPM2_HANDLE handle)
{
    for (size_t i = 0; i < TPM2_STORE_LOADED; i++)
        if (store->loaded[i] != NULL &&
            is_at(store, store->loaded[i]->object, handle))
            return true;
    return store->srk_transient && is_at(store, store->srk, handle);
}

/* Flush the object at HANDLE if it is ours. */
static bool
flush(struct tpm2_store *store, TPM2_HANDLE handle, const TPM2B_NAME *wanted)
{
    ESYS_TR object = ESYS_TR_NONE;
    TPM2B_NAME *name = NULL;
    bool ours = false;

    if (Esys_TR_FromTPMPublic(store->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
                              ESYS_TR_NONE, &object) != TSS2_RC_SUCCESS)
        return false;
    if (Esys_TR_GetName(store->esys, object, &name) == TSS2_RC_SUCCESS)
        ours = tpm2_public_same_name(name, wanted) ||
               tpm2_public_same_name(name, &store->srk_name) ||
               tpm2_directory_has_name(store, name);
    Esys_Free(name);
    if (!ours) {
        (void)Esys_TR_Close(store->esys, &object);
        return false;
    }
    return Esys_FlushContext(store->esys, object) == TSS2_RC_SUCCESS;
}

size_t
tpm2_leftover_flush(struct tpm2_store *store, const TPM2B_NAME *name)
{
    TPM2_HANDLE handles[HANDLES_MAX];
    size_t flushed = 0;
    size_t count;

    /* A resource manager clears up after the dead, and shows nobody another's
     * objects. */
    if (!store->uri.swtpm)
        return 0;
    count = list(store->esys, handles);

    for (size_t i = 0; i < count; i++)
        if (!is_in_use(store, handles[i]))
            flushed += flush(store, handles[i], name);
    return flushed;
}
