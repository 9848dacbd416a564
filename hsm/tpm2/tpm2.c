/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of the TPM back end.  Where the TPM was gone in the midst of a call
 * (its service restarted, its state was suspended), the call is made once more
 * on a new connection to the same TPM.
 */
#include "hsm/tpm2/tpm2.h"

#include "hsm/tpm2/create.h"
#include "hsm/tpm2/evidence.h"
#include "hsm/tpm2/key.h"
#include "hsm/tpm2/sign.h"
#include "keystore/base/hex.h"

static struct tpm2_store *
own(struct keystore *ks)
{
    return (struct tpm2_store *)(void *)ks;
}

/* After a call that failed with RC: may it be made again? */
static bool
may_repeat(struct keystore *ks, enum ks_err *rc, struct err_cause *cause)
{
    if (*rc == KS_OK || !own(ks)->tpm.gone)
        return false;
    *rc = tpm2_store_reconnect(own(ks), cause);
    return *rc == KS_OK;
}

static bool
wants_pin(const struct tpm2_place *place, const void *context)
{
    (void)context;
    return !tpm2_place_has(place, "auth");
}

/* A TPM has no login, so the PIN is held against one key that it should open,
 * if there is one: later it would be refused in the midst of something.  The
 * TPM counts refused ones, so that this is one try and no more. */
static enum ks_err
check_pin(struct tpm2_store *store, struct err_cause *cause)
{
    static const uint8_t hash[KEYSTORE_DIGEST_MAX];
    struct keystore_signature signature;
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct tpm2_place place;
    struct tpm2_key *key = NULL;
    enum ks_err rc;

    if (store->pin == NULL ||
        !tpm2_place_find(store->keys, wants_pin, NULL, &place) ||
        !hex_read(place.id, id, sizeof id))
        return KS_OK;
    rc = tpm2_key_find(store, id, &key, cause);
    if (rc == KS_OK && key->auth.is_pin)
        rc = tpm2_sign(key, scheme_of_key(key->key.public), hash, &signature,
                       cause);
    tpm2_key_free(&key);
    /* Anything else that is wrong with the key shows where it is used. */
    return rc == KS_ERR_PIN_WRONG || rc == KS_ERR_PIN_LOCKED ? rc : KS_OK;
}

static enum ks_err
open_tpm(const struct keystore_config *config, struct keystore **ret,
         struct err_cause *cause)
{
    struct tpm2_store *store = NULL;
    enum ks_err rc = tpm2_store_open(config, &store, cause);

    if (rc == KS_OK)
        rc = check_pin(store, cause);
    if (rc != KS_OK) {
        tpm2_store_close(&store);
        return rc;
    }
    store->store.ops = &hsm_tpm2_ops;
    *ret = &store->store;
    return KS_OK;
}

static enum ks_err
create_key(struct keystore *ks, const struct keystore_new_key *wanted,
           struct keystore_key **ret, struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_create(own(ks), wanted, &key, cause);

    if (may_repeat(ks, &rc, cause))
        rc = tpm2_create(own(ks), wanted, &key, cause);
    if (rc == KS_OK)
        *ret = &key->key;
    return rc;
}

static enum ks_err
find_key(struct keystore *ks, const uint8_t *id, EVP_PKEY *public,
         struct keystore_key **ret, struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_key_find(own(ks), id, &key, cause);

    (void)public; /* the dispatcher compares */
    if (may_repeat(ks, &rc, cause))
        rc = tpm2_key_find(own(ks), id, &key, cause);
    if (rc == KS_OK)
        *ret = &key->key;
    return rc;
}

static enum ks_err
describe_key(struct keystore_key *key, struct keystore_key_info *ret,
             struct err_cause *cause)
{
    struct tpm2_key *ours = (struct tpm2_key *)(void *)key;
    enum ks_err rc = tpm2_key_describe(ours, ret, cause);

    if (may_repeat(key->ks, &rc, cause))
        rc = tpm2_key_describe(ours, ret, cause);
    return rc;
}

static enum ks_err
sign_digest(struct keystore_key *key, enum keystore_scheme scheme,
            const uint8_t *digest, struct keystore_signature *ret,
            struct err_cause *cause)
{
    struct tpm2_key *ours = (struct tpm2_key *)(void *)key;
    enum ks_err rc = tpm2_sign(ours, scheme, digest, ret, cause);

    if (may_repeat(key->ks, &rc, cause))
        rc = tpm2_sign(ours, scheme, digest, ret, cause);
    return rc;
}

static enum ks_err
remove_key(struct keystore *ks, const uint8_t *id, struct err_cause *cause)
{
    enum ks_err rc = tpm2_key_remove(own(ks), id, cause);

    if (may_repeat(ks, &rc, cause))
        rc = tpm2_key_remove(own(ks), id, cause);
    return rc;
}

static enum ks_err
offer_evidence(struct keystore *ks, struct evidence_offer *ret,
               struct err_cause *cause)
{
    enum ks_err rc = tpm2_evidence_offer(own(ks), ret, cause);

    if (may_repeat(ks, &rc, cause))
        rc = tpm2_evidence_offer(own(ks), ret, cause);
    return rc;
}

/* The attestation key of the offer can be loaded again. */
static enum ks_err
give_evidence(struct keystore *ks, const struct evidence_question *question,
              struct evidence *ret, struct err_cause *cause)
{
    enum ks_err rc = tpm2_evidence_give(own(ks), question, ret, cause);

    if (may_repeat(ks, &rc, cause))
        rc = tpm2_evidence_give(own(ks), question, ret, cause);
    return rc;
}

/* The dispatcher has freed the public half already. */
static void
free_key(struct keystore_key *key)
{
    struct tpm2_key *ours = (struct tpm2_key *)(void *)key;

    key->public = NULL;
    tpm2_key_free(&ours);
}

static void
close_tpm(struct keystore *ks)
{
    struct tpm2_store *store = own(ks);

    tpm2_store_close(&store);
}

static const struct keystore_evidence_ops evidence_ops = {
    .offer = offer_evidence,
    .give = give_evidence,
};

const struct keystore_ops hsm_tpm2_ops = {
    .kind = &keystore_kind_tpm2,
    .evidence = &evidence_ops,
    .open = open_tpm,
    .import = create_key,
    .generate = create_key,
    .find = find_key,
    .describe = describe_key,
    .sign = sign_digest,
    .remove = remove_key,
    .key_free = free_key,
    .close = close_tpm,
};
