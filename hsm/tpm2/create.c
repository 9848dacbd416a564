/* SPDX-License-Identifier: Apache-2.0 */
/* A key's place is written down before the key goes there, so that a crash
 * leaves no object that nobody can find. */
#include "hsm/tpm2/create.h"

#include <openssl/evp.h>

#include "hsm/tpm2/generate.h"
#include "hsm/tpm2/import.h"
#include "hsm/tpm2/persist.h"
#include "hsm/tpm2/public.h"
#include "keystore/store/prove.h"

/* After a failed move the object that may stand at the handle goes, on a new
 * connection where the old one broke.  Where that fails, too, KEY keeps the
 * handle. */
static enum ks_err
undo_move(struct tpm2_key *key, enum ks_err rc)
{
    struct tpm2_store *store = tpm2_key_store(key);
    bool gone = store->tpm.gone;
    enum ks_err undone = gone ? tpm2_store_reconnect(store, NULL) : KS_OK;

    if (undone == KS_OK)
        undone = tpm2_persist_evict(&store->tpm, &key->record, NULL);
    if (undone == KS_OK)
        key->record.handle = 0;
    store->tpm.gone = gone; /* and the whole call is made again */
    return rc;
}

/* Have the TPM keep KEY, which is loaded and written down as a file, and write
 * that down in place of the file. */
static enum ks_err
move_into_tpm(struct tpm2_key *key, struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    struct tpm2_record *record = &key->record;
    TPM2_HANDLE handle = 0;
    enum ks_err rc = tpm2_persist_choose(&store->tpm, &handle, cause);

    if (rc != KS_OK)
        return rc;
    record->handle = handle;
    rc = tpm2_record_write(&key->place, record, "", cause);
    if (rc == KS_OK)
        rc = tpm2_persist_keep(&store->tpm, key->slot.object, handle, cause);
    tpm2_key_unload(key); /* the loaded object is a copy of its own */
    if (rc == KS_OK) {
        record->private.size = 0;
        rc = tpm2_record_drop_pem(&key->place, cause);
    }
    if (rc == KS_OK)
        rc = tpm2_key_load(key, cause);
    return rc == KS_OK ? KS_OK : undo_move(key, rc);
}

static enum ks_err
accept_object(struct tpm2_key *key, const char *label, struct err_cause *cause)
{
    enum ks_err rc = tpm2_record_write(&key->place, &key->record, label, cause);

    if (rc == KS_OK)
        rc = tpm2_public_read(&key->record.public, &key->type, &key->key.public,
                              cause);
    if (rc == KS_OK)
        rc = tpm2_key_load(key, cause);
    if (rc == KS_OK)
        rc = prove_key(&key->key, cause);
    if (rc == KS_OK && tpm2_key_store(key)->tpm.uri.handle != 0)
        rc = move_into_tpm(key, cause);
    return rc;
}

/* Take back a key whose making failed with RC: its slot and its files.  Returns
 * RC; the cause says so where something stays behind. */
static enum ks_err
discard(struct tpm2_key *key, enum ks_err rc, struct err_cause *cause)
{
    struct err_cause why = cause != NULL ? *cause : (struct err_cause){""};

    err_cut_remedy(&why); /* the leftover is what is to be told */
    tpm2_key_unload(key);
    tpm2_key_store(key)->discarded = key->record.name;
    /* The record is how the next attempt finds the key. */
    if (key->record.handle != 0)
        return err_set(cause, rc,
                       "%.120s; the key may stay there: see that "
                       "tpm2_evictcontrol removes 0x%x",
                       why.text, key->record.handle);
    if (tpm2_record_clear(&key->place, NULL) != KS_OK)
        return err_set(cause, rc,
                       "%.120s; its files could not be removed: look into "
                       "the state directory",
                       why.text);
    return rc;
}

static enum ks_err
make_key(struct tpm2_key *key, const struct keystore_new_key *wanted,
         struct err_cause *cause)
{
    enum ks_err rc = tpm2_record_clear(&key->place, cause);

    if (rc != KS_OK)
        return rc;
    key->record.parent = tpm2_key_store(key)->srk.parent;
    rc = wanted->material != NULL
             ? tpm2_import(key, wanted->material, wanted->public, cause)
             : tpm2_generate(key, wanted->type, cause);
    if (rc == KS_OK)
        rc = accept_object(key, wanted->label, cause);
    return rc == KS_OK ? KS_OK : discard(key, rc, cause);
}

/* An attempt cut short has left a key under the id: the material's is used, and
 * none is born twice. */
static enum ks_err
reuse(struct tpm2_key *old, const struct keystore_new_key *wanted,
      struct err_cause *cause)
{
    if (wanted->material == NULL)
        return err_set(cause, KS_ERR_KEY_OTHER, "nothing was generated");
    if (EVP_PKEY_eq(old->key.public, wanted->public) != 1)
        return err_set(cause, KS_ERR_KEY_OTHER, "nothing was changed");
    return prove_key(&old->key, cause);
}

enum ks_err
tpm2_create(struct tpm2_store *store, const struct keystore_new_key *wanted,
            struct tpm2_key **ret, struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_key_find(store, wanted->id, &key, cause);

    if (rc == KS_OK) {
        rc = reuse(key, wanted, cause);
    } else if (rc == KS_ERR_KEY_MISSING) {
        rc = tpm2_key_new(store, wanted->id, &key, cause);
        if (rc == KS_OK)
            rc = make_key(key, wanted, cause);
    }
    if (rc != KS_OK)
        tpm2_key_free(&key);
    else
        *ret = key;
    return rc;
}
