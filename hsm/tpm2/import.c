/* SPDX-License-Identifier: Apache-2.0 */
/* A key from outside made an object: always in the outer wrapper, for the key
 * would cross the bus in clear without it. */
#include "hsm/tpm2/import.h"

#include <openssl/evp.h>

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/wrap.h"

/* A type that the TPM does not take is refused by name before anything
 * happens. */
static enum ks_err
check_type(struct tpm2_connection *tpm, const struct material *material,
           const TPM2B_PUBLIC *area, struct err_cause *cause)
{
    bool taken = false;
    TSS2_RC rc = tpm2_property_takes(tpm->esys, area, &taken);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_TestParms");
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
import_wrapped(struct tpm2_key *key, const struct tpm2_wrapped *wrapped,
               struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    static const TPM2B_DATA no_inner_key;
    static const TPMT_SYM_DEF_OBJECT no_inner_wrapper = {
        .algorithm = TPM2_ALG_NULL};
    TPM2B_PRIVATE *private = NULL;
    ESYS_TR session = ESYS_TR_NONE;
    enum ks_err rc = tpm2_store_session(store, &session, cause);
    TSS2_RC tss;

    if (rc != KS_OK)
        return rc;
    tss = Esys_Import(store->tpm.esys, store->srk.object, session, ESYS_TR_NONE,
                      ESYS_TR_NONE, &no_inner_key, &key->record.public,
                      &wrapped->duplicate, &wrapped->seed, &no_inner_wrapper,
                      &private);
    if (tss != TSS2_RC_SUCCESS)
        return tpm2_srk_fail(&store->tpm, cause, tss, "TPM2_Import");
    key->record.private = *private;
    Esys_Free(private);
    return KS_OK;
}

enum ks_err
tpm2_import(struct tpm2_key *key, const struct material *material,
            EVP_PKEY *public, struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    struct tpm2_record *record = &key->record;
    struct tpm2_plain plain = {.material = material, .name = &record->name};
    struct tpm2_wrapped wrapped = {.duplicate.size = 0};
    enum ks_err rc;

    tpm2_public_template(material->type, material->bits, false,
                         store->pin != NULL, &record->public);
    rc = check_type(&store->tpm, material, &record->public, cause);
    if (rc == KS_OK)
        rc = tpm2_public_fill(&record->public, public, cause);
    if (rc == KS_OK)
        rc = tpm2_public_name(&record->public, &record->name, cause);
    if (rc == KS_OK)
        rc = tpm2_auth_new(&key->place, store->pin, &key->auth, cause);
    if (rc != KS_OK)
        return rc;
    plain.auth = key->auth.value;
    rc = tpm2_wrap(&store->srk.public, &plain, &wrapped, cause);
    return rc == KS_OK ? import_wrapped(key, &wrapped, cause) : rc;
}
