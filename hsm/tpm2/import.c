/* SPDX-License-Identifier: Apache-2.0 */
/* A key from outside made an object: always in the outer wrapper, for the key
 * would cross the bus in clear without it. */
#include "hsm/tpm2/key.h"

#include <openssl/evp.h>

#include "hsm/tpm2/leftover.h"
#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"
#include "hsm/tpm2/record.h"
#include "hsm/tpm2/wrap.h"
#include "keystore/store/prove.h"

/* Refused by name before anything happens. */
static enum ks_err
check_type(struct tpm2_store *store, const struct material *material,
           const TPM2B_PUBLIC *area, struct err_cause *cause)
{
    bool taken = false;
    TSS2_RC rc = tpm2_property_takes(store->esys, area, &taken);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_store_fail(store, cause, rc, "TPM2_TestParms");
    if (taken)
        return KS_OK;
    if (material->type == MATERIAL_RSA)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "this TPM takes no RSA-%u keys; use a credential with "
                       "RSA-2048 or P-256, or another token",
                       material->bits);
    return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                   "this TPM takes no %s keys; use a credential with another "
                   "kind of key, or another token",
                   scheme_key(material->type)->curve);
}

static enum ks_err
import_wrapped(struct tpm2_store *store, struct tpm2_key *key,
               const struct tpm2_wrapped *wrapped, struct err_cause *cause)
{
    static const TPM2B_DATA no_inner_key;
    static const TPMT_SYM_DEF_OBJECT no_inner_wrapper = {
        .algorithm = TPM2_ALG_NULL};
    TPM2B_PRIVATE *private = NULL;
    ESYS_TR session = ESYS_TR_NONE;
    enum ks_err rc = tpm2_store_session(store, &session, cause);
    TSS2_RC tss;

    if (rc != KS_OK)
        return rc;
    tss = Esys_Import(store->esys, store->srk, session, ESYS_TR_NONE,
                      ESYS_TR_NONE, &no_inner_key, &key->public,
                      &wrapped->duplicate, &wrapped->seed, &no_inner_wrapper,
                      &private);
    if (tss != TSS2_RC_SUCCESS)
        return tpm2_store_fail_parent(store, cause, tss, "TPM2_Import");
    key->private = *private;
    Esys_Free(private);
    return KS_OK;
}

static enum ks_err
create(struct tpm2_store *store, struct tpm2_key *key, const char *label,
       const struct material *material, EVP_PKEY *public,
       struct err_cause *cause)
{
    struct tpm2_wrapped wrapped = {.duplicate.size = 0};
    enum ks_err rc;

    tpm2_public_template(material->type, material->bits, false,
                         store->pin != NULL, &key->public);
    rc = check_type(store, material, &key->public, cause);
    if (rc == KS_OK)
        rc = tpm2_public_fill(&key->public, public, cause);
    if (rc == KS_OK)
        rc = tpm2_public_name(&key->public, &key->name, cause);
    if (rc != KS_OK)
        return rc;
    (void)tpm2_leftover_flush(store, &key->name);
    rc = tpm2_record_new_auth(key, cause);
    if (rc == KS_OK)
        rc = tpm2_wrap(&store->srk_public, &key->name, material, key->auth,
                       &wrapped, cause);
    if (rc == KS_OK)
        rc = import_wrapped(store, key, &wrapped, cause);
    if (rc == KS_OK)
        return tpm2_key_accept(key, label, cause);
    return tpm2_key_discard(key, rc, cause);
}

/* What an attempt cut short has left under the id. */
static enum ks_err
reuse(struct tpm2_key *old, EVP_PKEY *public, struct err_cause *cause)
{
    if (EVP_PKEY_eq(old->key.public, public) != 1)
        return err_set(cause, KS_ERR_KEY_OTHER, "nothing was changed");
    return prove_key(&old->key, cause);
}

enum ks_err
tpm2_import(struct tpm2_store *store, const uint8_t *id, const char *label,
            const struct material *material, EVP_PKEY *public,
            struct tpm2_key **ret, struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_key_find(store, id, &key, cause);

    if (rc == KS_OK) {
        rc = reuse(key, public, cause);
    } else if (rc == KS_ERR_KEY_MISSING) {
        rc = tpm2_key_new(store, id, &key, cause);
        if (rc == KS_OK)
            rc = tpm2_record_clear(key, cause);
        if (rc == KS_OK)
            rc = create(store, key, label, material, public, cause);
    }
    if (rc != KS_OK)
        tpm2_key_free(&key);
    else
        *ret = key;
    return rc;
}
