/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of the TPM back end.  Where the TPM was gone in the midst of a call
 * (its service restarted, its state was suspended), the call is made once more
 * on a new connection to the same TPM; and where all its slots were taken,
 * after giving back those that a process of ours has left behind.
 */
#include "hsm/tpm2/tpm2.h"

#include "hsm/tpm2/key.h"
#include "hsm/tpm2/leftover.h"

static struct tpm2_store *
own(struct keystore *ks)
{
    return (struct tpm2_store *)(void *)ks;
}

/* After a call that failed with RC: may it be made again? */
static bool
may_repeat(struct keystore *ks, enum ks_err *rc, struct err_cause *cause)
{
    if (*rc == KS_ERR_TPM_SLOTS)
        return tpm2_leftover_flush(own(ks), &own(ks)->discarded) > 0;
    if (*rc == KS_OK || !own(ks)->gone)
        return false;
    *rc = tpm2_store_reconnect(own(ks), cause);
    return *rc == KS_OK;
}

static enum ks_err
open_tpm(const struct keystore_config *config, struct keystore **ret,
         struct err_cause *cause)
{
    struct tpm2_store *store = NULL;
    enum ks_err rc = tpm2_store_open(config, &store, cause);

    if (rc != KS_OK)
        return rc;
    store->store.ops = &hsm_tpm2_ops;
    *ret = &store->store;
    return KS_OK;
}

static enum ks_err
import_key(struct keystore *ks, const uint8_t *id, const char *label,
           const struct material *material, EVP_PKEY *public,
           struct keystore_key **ret, struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_import(own(ks), id, label, material, public, &key,
                                 cause);

    if (may_repeat(ks, &rc, cause))
        rc = tpm2_import(own(ks), id, label, material, public, &key, cause);
    if (rc == KS_OK)
        *ret = &key->key;
    return rc;
}

static enum ks_err
generate_key(struct keystore *ks, const uint8_t *id, const char *label,
             enum material_type type, struct keystore_key **ret,
             struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_generate(own(ks), id, label, type, &key, cause);

    if (may_repeat(ks, &rc, cause))
        rc = tpm2_generate(own(ks), id, label, type, &key, cause);
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
sign(struct keystore_key *key, enum keystore_scheme scheme,
     const uint8_t *digest, uint8_t *signature, size_t *length,
     struct err_cause *cause)
{
    struct tpm2_key *ours = (struct tpm2_key *)(void *)key;
    enum ks_err rc = tpm2_sign(ours, scheme, digest, signature, length, cause);

    if (may_repeat(key->ks, &rc, cause))
        rc = tpm2_sign(ours, scheme, digest, signature, length, cause);
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

const struct keystore_ops hsm_tpm2_ops = {
    .kind = &keystore_kind_tpm2,
    .open = open_tpm,
    .import = import_key,
    .generate = generate_key,
    .find = find_key,
    .describe = describe_key,
    .sign = sign,
    .remove = remove_key,
    .key_free = free_key,
    .close = close_tpm,
};
