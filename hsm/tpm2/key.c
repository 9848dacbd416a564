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

#include "hsm/tpm2/persist.h"
#include "hsm/tpm2/pin.h"
#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"
#include "keystore/base/hex.h"

enum ks_err
tpm2_key_new(struct tpm2_store *store, const uint8_t *id, struct tpm2_key **ret,
             struct err_cause *cause)
{
    struct tpm2_key *key = calloc(1, sizeof *key);

    if (key == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    key->key.ks = &store->store;
    key->place.directory = store->keys;
    hex_write(key->place.id, id, KEYSTORE_ID_LENGTH);
    key->slot.id = key->place.id;
    key->slot.object = ESYS_TR_NONE;
    *ret = key;
    return KS_OK;
}

void
tpm2_key_free(struct tpm2_key **key)
{
    if (*key == NULL)
        return;
    tpm2_key_unload(*key);
    secret_free(&(*key)->auth.value);
    EVP_PKEY_free((*key)->key.public);
    free(*key);
    *key = NULL;
}

/* Everything that the files of KEY say. */
static enum ks_err
read_files(struct tpm2_store *store, struct tpm2_key *key,
           struct err_cause *cause)
{
    struct tpm2_record *record = &key->record;
    enum ks_err rc = tpm2_record_read(&key->place, record, cause);

    if (rc != KS_OK)
        return rc;
    if (record->handle == 0 && record->parent != store->srk.parent)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "its parent is 0x%x and not the storage root key, 0x%x; "
                       "give the token's URI the root= of the registration",
                       record->parent, store->srk.parent);
    rc = tpm2_auth_read(&key->place, record->empty_auth, store->pin, &key->auth,
                        cause);
    /* A key whose making was cut short before its move to a handle has signed
     * for nobody yet. */
    if (rc == KS_OK && record->handle == 0 && store->tpm.uri.handle != 0)
        rc = err_set(cause, KS_ERR_KEY_MISSING, "key %s never came to a handle",
                     key->place.id);
    return rc;
}

enum ks_err
tpm2_key_find(struct tpm2_store *store, const uint8_t *id,
              struct tpm2_key **ret, struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_key_new(store, id, &key, cause);

    if (rc == KS_OK)
        rc = read_files(store, key, cause);
    /* Only the TPM has the public area of a key that it keeps itself. */
    if (rc == KS_OK && key->record.handle != 0)
        rc = tpm2_key_load(key, cause);
    if (rc == KS_OK && key->record.handle != 0)
        rc = tpm2_record_drop_pem(&key->place, cause);
    if (rc == KS_OK)
        rc = tpm2_public_read(&key->record.public, &key->type, &key->key.public,
                              cause);
    if (rc != KS_OK)
        tpm2_key_free(&key);
    else
        *ret = key;
    return rc;
}

void
tpm2_key_unload(struct tpm2_key *key)
{
    tpm2_slots_give_back(&tpm2_key_store(key)->slots, &key->slot);
}

/* A key is loaded with the storage root key's empty password and no session:
 * its private area is encrypted for that key already, and ESYS holds the Name
 * of the object against the public area. */
static enum ks_err
load_by_parent(struct tpm2_store *store, struct tpm2_key *key,
               struct err_cause *cause)
{
    TSS2_RC tss = Esys_Load(store->tpm.esys, store->srk.object,
                            ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                            &key->record.private, &key->record.public,
                            &key->slot.object);

    if (tpm2_rc_base(tss) == TPM2_RC_INTEGRITY)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "its file is not what this TPM has wrapped");
    return tss == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_srk_fail(&store->tpm, cause, tss, "TPM2_Load");
}

/* A key that counts wrong values is not loaded where one would lock the TPM. */
static enum ks_err
check_lockout(struct tpm2_store *store, const struct tpm2_key *key,
              struct err_cause *cause)
{
    if ((key->record.public.publicArea.objectAttributes & TPMA_OBJECT_NODA) !=
        0)
        return KS_OK;
    return tpm2_pin_may_try(&store->tpm, cause);
}

static enum ks_err
set_auth(struct tpm2_store *store, const struct tpm2_key *key,
         struct err_cause *cause)
{
    const struct secret *from = key->auth.value;
    TPM2B_AUTH value = {.size = (UINT16)secret_length(from)};
    TSS2_RC rc;

    memcpy(value.buffer, secret_bytes(from), value.size);
    rc = Esys_TR_SetAuth(store->tpm.esys, key->slot.object, &value);
    OPENSSL_cleanse(&value, sizeof value);
    return rc == TSS2_RC_SUCCESS ? KS_OK
                                 : tpm2_connection_fail(&store->tpm, cause, rc,
                                                        "authorisation value");
}

enum ks_err
tpm2_key_load(struct tpm2_key *key, struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    struct tpm2_slot *slot = &key->slot;
    enum ks_err rc = KS_OK;

    if (slot->object == ESYS_TR_NONE) {
        tpm2_slots_make_room(&store->slots);
        slot->persistent = key->record.handle != 0;
        rc = slot->persistent ? tpm2_persist_open(&store->tpm, &key->record,
                                                  &slot->object, cause)
                              : load_by_parent(store, key, cause);
        if (rc == KS_OK)
            rc = check_lockout(store, key, cause);
        if (rc == KS_OK)
            rc = set_auth(store, key, cause);
    }
    if (rc == KS_OK)
        tpm2_slots_use(&store->slots, slot);
    else
        tpm2_key_unload(key);
    return rc;
}

enum ks_err
tpm2_key_refused(const struct tpm2_key *key, struct err_cause *cause)
{
    if (key->auth.is_pin)
        return err_set(cause, KS_ERR_PIN_WRONG, "for key %s", key->place.id);
    return err_set(cause, KS_ERR_KEY_OTHER,
                   "the authorisation value kept for it is not its own");
}

/* The public area counts, which the TPM confirmed when it loaded the key.  A
 * key that may leave would need a policy (TPM2_Duplicate takes nothing else),
 * and there is none in it. */
enum ks_err
tpm2_key_describe(struct tpm2_key *key, struct keystore_key_info *ret,
                  struct err_cause *cause)
{
    const TPMT_PUBLIC *area = &key->record.public.publicArea;
    const TPMA_OBJECT born = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                             TPMA_OBJECT_SENSITIVEDATAORIGIN;
    TPMA_OBJECT has = 0;
    enum ks_err rc;

    if (!tpm2_record_is_current(&key->place, &key->record))
        return err_set(cause, KS_ERR_KEY_MISSING, "key %s", key->place.id);
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

/* Other handles to the key give their slots back: its files are gone then. */
enum ks_err
tpm2_key_remove(struct tpm2_store *store, const uint8_t *id,
                struct err_cause *cause)
{
    struct tpm2_place place = {.directory = store->keys};
    struct tpm2_record record;
    enum ks_err rc;

    hex_write(place.id, id, KEYSTORE_ID_LENGTH);
    tpm2_slots_give_back_all(&store->slots, place.id);
    /* Files that are no key any more are removed like a key's, but not what
     * alone says where in the TPM one is. */
    rc = tpm2_record_read(&place, &record, cause);
    if (record.handle != 0 || !tpm2_place_has(&place, "handle"))
        rc = KS_OK;
    if (rc == KS_OK && record.handle != 0)
        rc = tpm2_persist_evict(&store->tpm, &record, cause);
    if (rc == KS_OK)
        rc = tpm2_record_remove(&place, cause);
    return rc;
}
