/* SPDX-License-Identifier: Apache-2.0 */
/* A key born in the TPM, for good in it: fixedTPM, fixedParent and
 * sensitiveDataOrigin together say so, none of them alone. */
#include "hsm/tpm2_key.h"

#include <string.h>

#include <openssl/crypto.h>

#include "hsm/tpm2_leftover.h"
#include "hsm/tpm2_public.h"
#include "hsm/tpm2_rc.h"
#include "hsm/tpm2_record.h"

#define BORN_RSA_BITS 2048

/* The authorisation value crosses the bus encrypted by the session. */
static TSS2_RC
create_object(struct tpm2_store *store, struct tpm2_key *key, ESYS_TR session)
{
    static const TPM2B_DATA outside;
    static const TPML_PCR_SELECTION none;
    TPM2B_SENSITIVE_CREATE sensitive = {.size = 0};
    TPM2B_AUTH *auth = &sensitive.sensitive.userAuth;
    TPM2B_PRIVATE *private = NULL;
    TPM2B_PUBLIC *public = NULL;
    TSS2_RC rc;

    auth->size = (UINT16)secret_length(key->auth);
    memcpy(auth->buffer, secret_bytes(key->auth), secret_length(key->auth));
    rc = Esys_Create(store->esys, store->srk, session, ESYS_TR_NONE,
                     ESYS_TR_NONE, &sensitive, &key->public, &outside, &none,
                     &private, &public, NULL, NULL, NULL);
    OPENSSL_cleanse(&sensitive, sizeof sensitive);
    if (rc == TSS2_RC_SUCCESS) {
        key->private = *private;
        key->public = *public;
    }
    Esys_Free(private);
    Esys_Free(public);
    return rc;
}

static enum ks_err
create(struct tpm2_store *store, struct tpm2_key *key, const char *label,
       enum material_type type, struct err_cause *cause)
{
    ESYS_TR session = ESYS_TR_NONE;
    enum ks_err rc;
    TSS2_RC tss;

    (void)tpm2_leftover_flush(store, &store->srk_name);
    rc = tpm2_store_session(store, &session, cause);
    tpm2_public_template(type, BORN_RSA_BITS, true, store->pin != NULL,
                         &key->public);
    if (rc == KS_OK)
        rc = tpm2_record_new_auth(key, cause);
    if (rc != KS_OK)
        return rc;
    tss = create_object(store, key, session);
    if (tss != TSS2_RC_SUCCESS)
        rc = tpm2_store_fail(store, cause, tss, "TPM2_Create");
    if (rc == KS_OK)
        rc = tpm2_public_name(&key->public, &key->name, cause);
    if (rc == KS_OK)
        return tpm2_key_accept(key, label, cause);
    return tpm2_key_discard(key, rc, cause);
}

enum ks_err
tpm2_generate(struct tpm2_store *store, const uint8_t *id, const char *label,
              enum material_type type, struct tpm2_key **ret,
              struct err_cause *cause)
{
    struct tpm2_key *key = NULL;
    enum ks_err rc = tpm2_key_find(store, id, &key, cause);

    if (rc == KS_OK)
        rc = err_set(cause, KS_ERR_KEY_OTHER, "nothing was generated");
    else if (rc == KS_ERR_KEY_MISSING)
        rc = tpm2_key_new(store, id, &key, cause);
    if (rc == KS_OK)
        rc = tpm2_record_clear(key, cause);
    if (rc == KS_OK)
        rc = create(store, key, label, type, cause);
    if (rc != KS_OK)
        tpm2_key_free(&key);
    else
        *ret = key;
    return rc;
}
