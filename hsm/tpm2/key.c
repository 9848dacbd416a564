/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in and out of the TPM's few slots.  ESYS has a key's authorisation value
 * while the key is loaded, and its session has the last one used until the TPM
 * is closed; ESYS frees both unwiped, and keystore/base/wiping_heap.c wipes
 * them. */
#include "hsm/tpm2/key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "hsm/tpm2/leftover.h"
#include "hsm/tpm2/persist.h"
#include "hsm/tpm2/pin.h"
#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"
#include "hsm/tpm2/record.h"
#include "keystore/base/hex.h"
#include "keystore/store/prove.h"

enum ks_err
tpm2_key_new(struct tpm2_store *store, const uint8_t *id, struct tpm2_key **ret,
             struct err_cause *cause)
{
    struct tpm2_key *key = calloc(1, sizeof *key);

    if (key == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    key->key.ks = &store->store;
    key->object = ESYS_TR_NONE;
    hex_write(key->id, id, KEYSTORE_ID_LENGTH);
    *ret = key;
    return KS_OK;
}

void
tpm2_key_free(struct tpm2_key **key)
{
    if (*key == NULL)
        return;
    tpm2_key_unload(*key);
    secret_free(&(*key)->auth);
    EVP_PKEY_free((*key)->key.public);
    free(*key);
    *key = NULL;
}

enum ks_err
tpm2_key_find(struct tpm2_store *store, const uint8_t *id,
              struct tpm2_key **ret, struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_key_new(store, id, &key, cause);

    if (rc == KS_OK)
        rc = tpm2_record_read(key, cause);
    /* Its making was cut short before the move: it has signed for nobody yet.
     */
    if (rc == KS_OK && key->handle == 0 && store->uri.handle != 0)
        rc = err_set(cause, KS_ERR_KEY_MISSING, "key %s never came to a handle",
                     key->id);
    /* Only the TPM has the public area of a key that it keeps itself. */
    if (rc == KS_OK && key->handle != 0)
        rc = tpm2_key_load(key, cause);
    if (rc == KS_OK && key->handle != 0)
        rc = tpm2_record_drop_pem(key, cause);
    if (rc == KS_OK)
        rc = tpm2_public_read(&key->public, &key->type, &key->key.public,
                              cause);
    /* A copy that was to be moved may be in a slot yet. */
    if (rc == KS_ERR_KEY_MISSING && key->name.size > 0)
        (void)tpm2_leftover_flush(store, &key->name);
    if (rc != KS_OK)
        tpm2_key_free(&key);
    else
        *ret = key;
    return rc;
}

static TSS2_RC
set_auth(struct tpm2_key *key)
{
    TPM2B_AUTH value = {.size = (UINT16)secret_length(key->auth)};
    TSS2_RC rc;

    memcpy(value.buffer, secret_bytes(key->auth), value.size);
    rc = Esys_TR_SetAuth(tpm2_key_store(key)->esys, key->object, &value);
    OPENSSL_cleanse(&value, sizeof value);
    return rc;
}

void
tpm2_key_unload(struct tpm2_key *key)
{
    struct tpm2_store *store = tpm2_key_store(key);

    if (key->object == ESYS_TR_NONE)
        return;
    if (key->handle != 0)
        (void)Esys_TR_Close(store->esys, &key->object);
    else
        (void)Esys_FlushContext(store->esys, key->object);
    key->object = ESYS_TR_NONE;
    for (size_t i = 0; i < TPM2_STORE_LOADED; i++)
        if (store->loaded[i] == key)
            store->loaded[i] = NULL;
}

/* KEY comes to the front; who falls off the end gives its slot back. */
static void
move_to_front(struct tpm2_store *store, struct tpm2_key *key)
{
    struct tpm2_key *pushed = key;

    for (size_t i = 0; i < TPM2_STORE_LOADED && pushed != NULL; i++) {
        struct tpm2_key *next = store->loaded[i];

        store->loaded[i] = pushed;
        pushed = next != key ? next : NULL;
    }
    if (pushed != NULL)
        tpm2_key_unload(pushed);
}

/* With the storage root key's empty password and no session: the private area
 * is encrypted for that key already, and ESYS holds the Name of what was loaded
 * against the public area. */
static enum ks_err
load_by_parent(struct tpm2_store *store, struct tpm2_key *key,
               struct err_cause *cause)
{
    TSS2_RC tss = Esys_Load(store->esys, store->srk, ESYS_TR_PASSWORD,
                            ESYS_TR_NONE, ESYS_TR_NONE, &key->private,
                            &key->public, &key->object);

    if (tpm2_rc_base(tss) == TPM2_RC_INTEGRITY)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "its file is not what this TPM has wrapped");
    return tss == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_store_fail_parent(store, cause, tss, "TPM2_Load");
}

/* The one slot that is given back first is the one used least. */
static void
make_room(struct tpm2_store *store)
{
    if (store->loaded[TPM2_STORE_LOADED - 1] != NULL)
        tpm2_key_unload(store->loaded[TPM2_STORE_LOADED - 1]);
}

/* A key that counts wrong values is not loaded where one would lock the TPM. */
static enum ks_err
check_lockout(struct tpm2_store *store, const struct tpm2_key *key,
              struct err_cause *cause)
{
    if ((key->public.publicArea.objectAttributes & TPMA_OBJECT_NODA) != 0)
        return KS_OK;
    return tpm2_pin_may_try(store, cause);
}

enum ks_err
tpm2_key_load(struct tpm2_key *key, struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    enum ks_err rc;
    TSS2_RC tss;

    if (key->object == ESYS_TR_NONE) {
        make_room(store);
        rc = key->handle != 0 ? tpm2_persist_open(key, cause)
                              : load_by_parent(store, key, cause);
        if (rc == KS_OK)
            rc = check_lockout(store, key, cause);
        if (rc != KS_OK) {
            tpm2_key_unload(key);
            return rc;
        }
        tss = set_auth(key);
        if (tss != TSS2_RC_SUCCESS) {
            tpm2_key_unload(key);
            return tpm2_store_fail(store, cause, tss, "authorisation value");
        }
    }
    move_to_front(store, key);
    return KS_OK;
}

/* By the public area that the TPM confirmed when it loaded the key.  One that
 * may leave would need a policy (TPM2_Duplicate takes nothing else), and there
 * is none in it. */
enum ks_err
tpm2_key_describe(struct tpm2_key *key, struct keystore_key_info *ret,
                  struct err_cause *cause)
{
    const TPMT_PUBLIC *area = &key->public.publicArea;
    const TPMA_OBJECT born = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                             TPMA_OBJECT_SENSITIVEDATAORIGIN;
    TPMA_OBJECT has = 0;
    enum ks_err rc;

    if (!tpm2_record_is_current(key))
        return err_set(cause, KS_ERR_KEY_MISSING, "key %s", key->id);
    rc = tpm2_key_load(key, cause);
    if (rc != KS_OK)
        return rc;
    has = area->objectAttributes;
    *ret = (struct keystore_key_info){
        .type = key->type,
        .bits = (unsigned)EVP_PKEY_get_bits(key->key.public),
        .origin = (has & born) == born ? KEYSTORE_BORN : KEYSTORE_IMPORTED,
        .extractable = (has & TPMA_OBJECT_FIXEDTPM) == 0 &&
                       area->authPolicy.size != 0,
        .sensitive = true,
        .sign_only = (has & TPMA_OBJECT_SIGN_ENCRYPT) != 0 &&
                     (has & TPMA_OBJECT_DECRYPT) == 0,
    };
    return KS_OK;
}

static enum ks_err
prove(struct tpm2_key *key, struct err_cause *cause)
{
    enum ks_err rc = tpm2_public_read(&key->public, &key->type,
                                      &key->key.public, cause);

    if (rc == KS_OK)
        rc = tpm2_key_load(key, cause);
    if (rc == KS_OK)
        rc = prove_key(&key->key, cause);
    return rc;
}

enum ks_err
tpm2_key_discard(struct tpm2_key *key, enum ks_err rc, struct err_cause *cause)
{
    struct err_cause why = cause != NULL ? *cause : (struct err_cause){""};

    err_cut_remedy(&why); /* the leftover is what is to be told */
    tpm2_key_unload(key);
    tpm2_key_store(key)->discarded = key->name;
    /* What is written down of it is how the next attempt finds it. */
    if (key->handle != 0)
        return err_set(cause, rc,
                       "%.120s; the key may stay there: see that "
                       "tpm2_evictcontrol removes 0x%x",
                       why.text, key->handle);
    if (tpm2_record_clear(key, NULL) != KS_OK)
        return err_set(cause, rc,
                       "%.120s; its files could not be removed: look into "
                       "the state directory",
                       why.text);
    return rc;
}

enum ks_err
tpm2_key_accept(struct tpm2_key *key, const char *label,
                struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    enum ks_err rc = tpm2_record_write(key, label, cause);

    if (rc == KS_OK)
        rc = prove(key, cause);
    if (rc == KS_OK && store->uri.handle != 0)
        rc = tpm2_persist(key, cause);
    return rc == KS_OK ? KS_OK : tpm2_key_discard(key, rc, cause);
}

/* Other handles to the key give their slots back: its files are gone. */
static void
unload_id(struct tpm2_store *store, const char *id)
{
    for (size_t i = 0; i < TPM2_STORE_LOADED; i++)
        if (store->loaded[i] != NULL && strcmp(store->loaded[i]->id, id) == 0)
            tpm2_key_unload(store->loaded[i]);
}

enum ks_err
tpm2_key_remove(struct tpm2_store *store, const uint8_t *id,
                struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_key_new(store, id, &key, cause);

    if (rc != KS_OK)
        return rc;
    unload_id(store, key->id);
    /* Files that are no key any more are removed like a key's, but not what
     * alone says where in the TPM one is. */
    rc = tpm2_record_read(key, cause);
    if (key->handle != 0 || !tpm2_record_has_handle(key))
        rc = KS_OK;
    (void)tpm2_leftover_flush(store, &key->name);
    if (rc == KS_OK && key->handle != 0)
        rc = tpm2_persist_evict(key, cause);
    if (rc == KS_OK)
        rc = tpm2_record_remove(key, cause);
    tpm2_key_free(&key);
    return rc;
}
