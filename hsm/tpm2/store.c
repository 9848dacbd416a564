/* SPDX-License-Identifier: Apache-2.0 */
/* Opening in an order that lets nothing happen to a TPM that is not the wanted
 * one: first who it is, then its storage root key, then anything else. */
#include "hsm/tpm2/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hsm/tpm2/key.h"
#include "hsm/tpm2/leftover.h"
#include "hsm/tpm2/pin.h"
#include "hsm/tpm2/rc.h"
#include "hsm/tpm2/srk.h"
#include "hsm/tpm2/tcti.h"
#include "keystore/store/key_file.h"

enum ks_err
tpm2_store_fail(struct tpm2_store *store, struct err_cause *cause, TSS2_RC rc,
                const char *call)
{
    if (tpm2_rc_is_gone(rc))
        store->gone = true;
    return tpm2_rc_set(cause, rc, call);
}

enum ks_err
tpm2_store_fail_parent(struct tpm2_store *store, struct err_cause *cause,
                       TSS2_RC rc, const char *call)
{
    if (tpm2_rc_is_refused(rc))
        return err_set(cause, KS_ERR_TPM_SRK,
                       "the storage root key wants a password");
    return tpm2_store_fail(store, cause, rc, call);
}

static void
put_identity(struct tpm2_store *store, const struct tpm2_property *property)
{
    struct keystore_info *info = &store->store.info;

    info->emulated = property->emulated || store->uri.swtpm;
    (void)snprintf(info->label, sizeof info->label, "TPM 2.0");
    (void)snprintf(info->maker, sizeof info->maker, "%s", property->maker);
    (void)snprintf(info->model, sizeof info->model, "%s", property->model);
}

/* The connection, and the TPM's word on itself. */
static enum ks_err
connect_tpm(struct tpm2_store *store, struct tpm2_property *ret,
            struct err_cause *cause)
{
    TSS2_RC rc;

    /* The TSS writes on standard error unless it is told not to. */
    (void)setenv("TSS2_LOG", "all+none", 0);
    rc = tpm2_tcti_open(store->uri.tcti, &store->tcti);
    if (rc == TSS2_RC_SUCCESS)
        rc = Esys_Initialize(&store->esys, store->tcti, NULL);
    if (rc == TSS2_RC_SUCCESS)
        rc = tpm2_property_read(store->esys, ret);
    /* The TSS loads its way to a TPM by name. */
    if (rc == TSS2_TCTI_RC_NOT_SUPPORTED)
        return err_set(
            cause, KS_ERR_TOKEN_MISSING,
            "the TSS's library for %s is missing; install it (Debian's "
            "package libtss2-tcti-%.*s0)",
            store->uri.tcti, (int)strcspn(store->uri.tcti, ":"),
            store->uri.tcti);
    if (rc != TSS2_RC_SUCCESS && tpm2_rc_is_gone(rc))
        return err_set(cause, KS_ERR_TOKEN_MISSING, "no TPM answers at %s",
                       store->uri.tcti);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_store_fail(store, cause, rc, "TPM2_GetCapability");
    put_identity(store, ret);
    return KS_OK;
}

static void
disconnect(struct tpm2_store *store)
{
    if (store->esys != NULL)
        Esys_Finalize(&store->esys);
    tpm2_tcti_close(&store->tcti);
    store->srk = store->session = ESYS_TR_NONE;
}

static void
forget_loaded(struct tpm2_store *store)
{
    for (size_t i = 0; i < TPM2_STORE_LOADED; i++) {
        if (store->loaded[i] != NULL)
            store->loaded[i]->object = ESYS_TR_NONE;
        store->loaded[i] = NULL;
    }
}

static enum ks_err
reconnect(struct tpm2_store *store, const char *serial, struct err_cause *cause)
{
    struct tpm2_property property;
    enum ks_err rc;

    forget_loaded(store);
    disconnect(store);
    store->gone = false;
    rc = connect_tpm(store, &property, cause);
    if (rc == KS_OK)
        rc = tpm2_srk_open(store, serial, cause);
    /* Half a connection would be used: without that key a session has no salt,
     * and who listens could try PINs on it. */
    if (rc != KS_OK) {
        disconnect(store);
        store->gone = true;
        return rc;
    }
    /* The TPM may still have what we had loaded. */
    (void)tpm2_leftover_flush(store, &store->discarded);
    return KS_OK;
}

enum ks_err
tpm2_store_reconnect(struct tpm2_store *store, struct err_cause *cause)
{
    char serial[KEYSTORE_SERIAL_SIZE];

    memcpy(serial, store->store.info.serial, sizeof serial);
    return reconnect(store, serial, cause);
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

/* Before any command but the TPM's word on itself. */
static enum ks_err
check_consent(const struct tpm2_store *store,
              const struct keystore_config *config, struct err_cause *cause)
{
    if (store->store.info.emulated && !config->allow_emulation)
        return err_set(cause, KS_ERR_TOKEN_EMULATED, "%s %s",
                       store->store.info.maker, store->store.info.model);
    return KS_OK;
}

enum ks_err
tpm2_store_connect(const char *uri, struct tpm2_store **ret,
                   struct tpm2_property *ret_property, struct err_cause *cause)
{
    struct tpm2_store *store = calloc(1, sizeof *store);
    enum ks_err rc;

    if (store == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    store->keys = -1;
    store->srk = store->session = ESYS_TR_NONE;
    store->store.info.kind = &keystore_kind_tpm2;
    rc = tpm2_uri_parse(uri, &store->uri, cause);
    if (rc == KS_OK)
        rc = tpm2_uri_check_access(&store->uri, cause);
    if (rc == KS_OK)
        rc = connect_tpm(store, ret_property, cause);
    if (rc != KS_OK)
        tpm2_store_close(&store);
    else
        *ret = store;
    return rc;
}

/* Once more where the connection broke. */
static enum ks_err
open_srk(struct tpm2_store *store, const char *serial, struct err_cause *cause)
{
    enum ks_err rc = tpm2_srk_open(store, serial, cause);

    return rc != KS_OK && store->gone ? reconnect(store, serial, cause) : rc;
}

enum ks_err
tpm2_store_open(const struct keystore_config *config, struct tpm2_store **ret,
                struct err_cause *cause)
{
    struct tpm2_store *store = NULL;
    struct tpm2_property property;
    enum ks_err rc = tpm2_store_connect(config->uri, &store, &property, cause);

    if (rc != KS_OK)
        return rc;
    rc = check_consent(store, config, cause);
    if (rc == KS_OK)
        rc = tpm2_pin_take(store, config->pin, cause);
    if (rc == KS_OK)
        rc = open_keys(store, config->keys_fd, cause);
    if (rc == KS_OK)
        rc = open_srk(store, config->serial, cause);
    if (rc == KS_OK)
        rc = tpm2_pin_check(store, cause);
    if (rc != KS_OK)
        tpm2_store_close(&store);
    else
        *ret = store;
    return rc;
}

/* What those before us left is cleared away only where we were let in. */
static void
clear(struct tpm2_store *store)
{
    for (size_t i = 0; i < TPM2_STORE_LOADED; i++)
        if (store->loaded[i] != NULL)
            tpm2_key_unload(store->loaded[i]);
    if (store->session != ESYS_TR_NONE)
        (void)Esys_FlushContext(store->esys, store->session);
    if (store->srk == ESYS_TR_NONE)
        return;
    if (store->srk_transient)
        (void)Esys_FlushContext(store->esys, store->srk);
    (void)tpm2_leftover_flush(store, &store->discarded);
}

/* What is not flushed stays in a TPM without a resource manager. */
void
tpm2_store_close(struct tpm2_store **store)
{
    if (*store == NULL)
        return;
    clear(*store);
    disconnect(*store);
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
    rc = Esys_StartAuthSession(
        store->esys, store->srk, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
        ESYS_TR_NONE, NULL, TPM2_SE_HMAC, &cipher, TPM2_ALG_SHA256, &session);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_store_fail(store, cause, rc, "TPM2_StartAuthSession");
    rc = Esys_TRSess_SetAttributes(store->esys, session,
                                   TPMA_SESSION_CONTINUESESSION |
                                       TPMA_SESSION_DECRYPT |
                                       TPMA_SESSION_ENCRYPT,
                                   0xff);
    if (rc != TSS2_RC_SUCCESS) {
        (void)Esys_FlushContext(store->esys, session);
        return tpm2_store_fail(store, cause, rc, "session attributes");
    }
    *ret = store->session = session;
    return KS_OK;
}
