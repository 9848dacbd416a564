/* SPDX-License-Identifier: Apache-2.0 */
/* A key born in the TPM, for good in it: fixedTPM, fixedParent and
 * sensitiveDataOrigin together say so, none of them alone. */
#include "hsm/tpm2/generate.h"

#include <string.h>

#include <openssl/crypto.h>

#include "hsm/tpm2/public.h"

#define BORN_RSA_BITS 2048

/* The authorisation value crosses the bus encrypted by the session. */
static enum ks_err
create_object(struct tpm2_key *key, const TPM2B_PUBLIC *asked, ESYS_TR session,
              struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    const struct secret *value = key->auth.value;
    static const TPM2B_DATA outside;
    static const TPML_PCR_SELECTION none;
    TPM2B_SENSITIVE_CREATE sensitive = {.size = 0};
    TPM2B_AUTH *auth = &sensitive.sensitive.userAuth;
    TPM2B_PRIVATE *private = NULL;
    TPM2B_PUBLIC *public = NULL;
    TSS2_RC tss;

    auth->size = (UINT16)secret_length(value);
    memcpy(auth->buffer, secret_bytes(value), secret_length(value));
    tss = Esys_Create(store->tpm.esys, store->srk.object, session, ESYS_TR_NONE,
                      ESYS_TR_NONE, &sensitive, asked, &outside, &none,
                      &private, &public, NULL, NULL, NULL);
    OPENSSL_cleanse(&sensitive, sizeof sensitive);
    if (tss == TSS2_RC_SUCCESS) {
        key->record.private = *private;
        key->record.public = *public;
    }
    Esys_Free(private);
    Esys_Free(public);
    return tss == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_srk_fail(&store->tpm, cause, tss, "TPM2_Create");
}

enum ks_err
tpm2_generate(struct tpm2_key *key, enum material_type type,
              struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    struct tpm2_record *record = &key->record;
    ESYS_TR session = ESYS_TR_NONE;
    TPM2B_PUBLIC asked;
    enum ks_err rc = tpm2_store_session(store, &session, cause);

    if (rc != KS_OK)
        return rc;
    tpm2_public_template(type, BORN_RSA_BITS, true, store->pin != NULL, &asked);
    rc = tpm2_auth_new(&key->place, store->pin, &key->auth, cause);
    if (rc == KS_OK)
        rc = create_object(key, &asked, session, cause);
    /* Before anything is written down: a key found again by its id would be
     * refused each time, and stand in the way of another. */
    if (rc == KS_OK)
        rc = tpm2_public_check_made(&asked, &record->public, cause);
    if (rc == KS_OK)
        rc = tpm2_public_name(&record->public, &record->name, cause);
    return rc;
}
