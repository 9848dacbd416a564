/* SPDX-License-Identifier: Apache-2.0 */
/* Opening in an order that lets nothing happen to a TPM that is not the wanted
 * one: first who it is, then its storage root key, then anything else. */
#include "hsm/tpm2/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hsm/tpm2/mark.h"
#include "hsm/tpm2/pin.h"
#include "hsm/tpm2/primary.h"
#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"
#include "hsm/tpm2/record.h"
#include "keystore/store/key_file.h"

/* Loaded objects (TPM 2.0 Part 2, 7.2); the TSS shifts a signed number for it,
 * out of its range. */
#define TRANSIENT_FIRST 0x80000000u
#define HANDLES_MAX 16

static bool
has_name(const struct tpm2_place *place, const void *name)
{
    struct tpm2_record record;

    return tpm2_record_read(place, &record, NULL) == KS_OK &&
           tpm2_public_same_name(&record.name, name);
}

/* Is OBJECT, with NAME, one of an attestation that was cut short?  An
 * endorsement key is everybody's, and then ours. */
static bool
is_marked(const struct tpm2_store *store, ESYS_TR object,
          const TPM2B_NAME *name)
{
    TPM2B_NAME mark;

    tpm2_mark_read(store->keys, &mark);
    return mark.size != 0 && (tpm2_public_same_name(name, &mark) ||
                              tpm2_endorsement_is(store->tpm.esys, object));
}

/* Is NAME that of the root key, by its SERIAL, of a key that is recorded here,
 * or of one that was taken back? */
static bool
is_ours(const struct tpm2_store *store, const char *serial,
        const TPM2B_NAME *name)
{
    char digits[KEYSTORE_SERIAL_SIZE];
    struct tpm2_place place;

    tpm2_primary_serial(name, digits);
    return (serial != NULL && *digits != '\0' && strcmp(digits, serial) == 0) ||
           tpm2_public_same_name(name, &store->discarded) ||
           tpm2_place_find(store->keys, has_name, name, &place);
}

static bool
flush_if_ours(struct tpm2_store *store, const char *serial, TPM2_HANDLE handle)
{
    ESYS_CONTEXT *esys = store->tpm.esys;
    ESYS_TR object = ESYS_TR_NONE;
    TPM2B_NAME *name = NULL;
    bool ours;

    if (Esys_TR_FromTPMPublic(esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
                              ESYS_TR_NONE, &object) != TSS2_RC_SUCCESS)
        return false;
    ours = Esys_TR_GetName(esys, object, &name) == TSS2_RC_SUCCESS &&
           (is_ours(store, serial, name) || is_marked(store, object, name));
    Esys_Free(name);
    if (ours && Esys_FlushContext(esys, object) == TSS2_RC_SUCCESS)
        return true;
    store->slots.left |= ours;
    (void)Esys_TR_Close(esys, &object);
    return false;
}

/* Give back the slots that a killed process of ours left taken in a TPM without
 * a resource manager, which is behind the socket of an emulation alone.
 * Objects are ours by their Names; others' stay, and so does what cannot be
 * looked at.  Returns how many there were. */
static unsigned
flush_left(struct tpm2_store *store, const char *serial)
{
    ESYS_CONTEXT *esys = store->tpm.esys;
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more = TPM2_NO;
    TPM2_HANDLE own = 0;
    unsigned flushed = 0;

    if (!store->tpm.uri.swtpm)
        return 0;
    store->slots.left = Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                           ESYS_TR_NONE, TPM2_CAP_HANDLES,
                                           TRANSIENT_FIRST, HANDLES_MAX, &more,
                                           &data) != TSS2_RC_SUCCESS;
    if (store->slots.left)
        return 0;
    if (store->srk.transient)
        (void)Esys_TR_GetTpmHandle(esys, store->srk.object, &own);
    for (UINT32 i = 0; i < data->data.handles.count && i < HANDLES_MAX; i++)
        if (data->data.handles.handle[i] != own)
            flushed += flush_if_ours(store, serial,
                                     data->data.handles.handle[i]);
    Esys_Free(data);
    return flushed;
}

static void
put_root(struct keystore_info *info, const struct tpm2_srk *srk)
{
    info->srk_unverified = srk->unverified;
    tpm2_primary_serial(&srk->name, info->serial);
    (void)snprintf(info->root, sizeof info->root, "0x%08x", srk->parent);
}

/* A new connection gets the root key, that of SERIAL or any, and free slots. */
static enum ks_err
attach(struct tpm2_store *store, const char *serial, struct err_cause *cause)
{
    struct keystore_info *info = &store->store.info;
    enum ks_err rc = tpm2_srk_open(&store->tpm, serial, &store->srk, cause);

    /* The root key itself takes a slot to be read or made. */
    if (rc == KS_ERR_TPM_SLOTS && flush_left(store, serial) > 0)
        rc = tpm2_srk_open(&store->tpm, serial, &store->srk, cause);
    if (rc != KS_OK)
        return rc;
    put_root(info, &store->srk);
    (void)flush_left(store, info->serial);
    return KS_OK;
}

static enum ks_err
reconnect(struct tpm2_store *store, const char *serial, struct err_cause *cause)
{
    enum ks_err rc;

    tpm2_slots_forget(&store->slots);
    store->srk = (struct tpm2_srk){.object = ESYS_TR_NONE};
    store->session = ESYS_TR_NONE;
    store->ek.slot.object = ESYS_TR_NONE; /* at its handle it is in no slot */
    rc = tpm2_connection_renew(&store->tpm, cause);
    if (rc == KS_OK)
        rc = attach(store, serial, cause);
    /* Half a connection would be used: without that key a session has no salt,
     * and who listens could try PINs on it. */
    if (rc != KS_OK) {
        tpm2_connection_close(&store->tpm);
        store->tpm.gone = true;
    }
    return rc;
}

enum ks_err
tpm2_store_reconnect(struct tpm2_store *store, struct err_cause *cause)
{
    return reconnect(store, store->store.info.serial, cause);
}

static void
put_identity(struct keystore_info *info, const struct tpm2_property *property)
{
    info->emulated = property->emulated;
    (void)snprintf(info->label, sizeof info->label, "TPM 2.0");
    (void)snprintf(info->maker, sizeof info->maker, "%s", property->maker);
    (void)snprintf(info->model, sizeof info->model, "%s", property->model);
    (void)snprintf(info->firmware, sizeof info->firmware, "%s",
                   property->firmware);
}

/* An emulation without consent gets no command but the one for its word on
 * itself. */
static enum ks_err
open_connection(struct tpm2_store *store, const struct keystore_config *config,
                struct err_cause *cause)
{
    struct keystore_info *info = &store->store.info;
    struct tpm2_property property;
    enum ks_err rc = tpm2_connection_open(config->uri, &store->tpm, &property,
                                          cause);

    if (rc != KS_OK)
        return rc;
    put_identity(info, &property);
    if (info->emulated && !config->allow_emulation)
        return err_set(cause, KS_ERR_TOKEN_EMULATED, "%s %s", info->maker,
                       info->model);
    return KS_OK;
}

static enum ks_err
open_keys(struct tpm2_store *store, int directory, struct err_cause *cause)
{
    store->keys = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    if (store->keys < 0)
        return err_set_errno(cause, KS_ERR_TOKEN_MISSING,
                             "directory of the TPM's key files");
    return key_file_check_directory(store->keys, cause);
}

/* Where the connection broke meanwhile, a new one gets a try. */
static enum ks_err
open_root(struct tpm2_store *store, const char *serial, struct err_cause *cause)
{
    enum ks_err rc = attach(store, serial, cause);

    return rc != KS_OK && store->tpm.gone ? reconnect(store, serial, cause)
                                          : rc;
}

enum ks_err
tpm2_store_open(const struct keystore_config *config, struct tpm2_store **ret,
                struct err_cause *cause)
{
    struct tpm2_store *store = calloc(1, sizeof *store);
    enum ks_err rc;

    if (store == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    store->keys = -1;
    store->srk.object = store->session = ESYS_TR_NONE;
    store->ek.slot.object = store->ak.slot.object = ESYS_TR_NONE;
    store->slots.tpm = &store->tpm;
    store->store.info.kind = &keystore_kind_tpm2;
    rc = open_connection(store, config, cause);
    if (rc == KS_OK)
        rc = tpm2_pin_take(&store->tpm, config->pin, &store->pin, cause);
    if (rc == KS_OK)
        rc = open_keys(store, config->keys_fd, cause);
    if (rc == KS_OK)
        rc = open_root(store, config->serial, cause);
    if (rc != KS_OK)
        tpm2_store_close(&store);
    else
        *ret = store;
    return rc;
}

enum ks_err
tpm2_store_end_session(struct tpm2_store *store, struct err_cause *cause)
{
    TSS2_RC rc;

    if (store->session == ESYS_TR_NONE)
        return KS_OK;
    rc = Esys_FlushContext(store->tpm.esys, store->session);
    store->session = ESYS_TR_NONE;
    /* The handle is TPM2_FlushContext's parameter, and was ours until now. */
    if (tpm2_rc_base(rc) == TPM2_RC_HANDLE)
        store->tpm.gone = true;
    return rc == TSS2_RC_SUCCESS ? KS_OK
                                 : tpm2_connection_fail(&store->tpm, cause, rc,
                                                        "TPM2_FlushContext");
}

/* An object or a session that is not flushed stays in a TPM without a resource
 * manager. */
static void
flush_all(struct tpm2_store *store)
{
    tpm2_slots_give_back_all(&store->slots, NULL);
    if (store->session != ESYS_TR_NONE)
        (void)Esys_FlushContext(store->tpm.esys, store->session);
    if (store->srk.transient)
        (void)Esys_FlushContext(store->tpm.esys, store->srk.object);
}

void
tpm2_store_close(struct tpm2_store **store)
{
    if (*store == NULL)
        return;
    flush_all(*store);
    if ((*store)->keys >= 0 && !(*store)->slots.left && !(*store)->tpm.gone)
        tpm2_mark_remove((*store)->keys);
    tpm2_connection_close(&(*store)->tpm);
    secret_free(&(*store)->pin);
    if ((*store)->keys >= 0)
        (void)close((*store)->keys);
    free(*store);
    *store = NULL;
}

enum ks_err
tpm2_store_session(struct tpm2_store *store, ESYS_TR *ret,
                   struct err_cause *cause)
{
    static const TPMT_SYM_DEF cipher = {.algorithm = TPM2_ALG_AES,
                                        .keyBits.aes = 128,
                                        .mode.aes = TPM2_ALG_CFB};
    ESYS_TR session = ESYS_TR_NONE;
    TSS2_RC rc = TSS2_RC_SUCCESS;

    if (store->session != ESYS_TR_NONE) {
        *ret = store->session;
        return KS_OK;
    }
    rc = Esys_StartAuthSession(store->tpm.esys, store->srk.object, ESYS_TR_NONE,
                               ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL,
                               TPM2_SE_HMAC, &cipher, TPM2_ALG_SHA256,
                               &session);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(&store->tpm, cause, rc,
                                    "TPM2_StartAuthSession");
    rc = Esys_TRSess_SetAttributes(store->tpm.esys, session,
                                   TPMA_SESSION_CONTINUESESSION |
                                       TPMA_SESSION_DECRYPT |
                                       TPMA_SESSION_ENCRYPT,
                                   0xff);
    if (rc != TSS2_RC_SUCCESS) {
        (void)Esys_FlushContext(store->tpm.esys, session);
        return tpm2_connection_fail(&store->tpm, cause, rc,
                                    "session attributes");
    }
    *ret = store->session = session;
    return KS_OK;
}
