/* SPDX-License-Identifier: Apache-2.0 */
/* A key born in the TPM, for good in it: fixedTPM, fixedParent and
 * sensitiveDataOrigin together say so, none of them alone. */
#include "hsm/tpm2/key.h"

#include <string.h>

#include <openssl/crypto.h>

#include "hsm/tpm2/leftover.h"
#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"
#include "hsm/tpm2/record.h"

#define BORN_RSA_BITS 2048

/* The authorisation value crosses the bus encrypted by the session. */
static enum ks_err
create_object(struct tpm2_store *store, struct tpm2_key *key,
              const TPM2B_PUBLIC *asked, ESYS_TR session,
              struct err_cause *cause)
{
    static const TPM2B_DATA outside;
    static const TPML_PCR_SELECTION none;
    TPM2B_SENSITIVE_CREATE sensitive = {.size = 0};
    TPM2B_AUTH *auth = &sensitive.sensitive.userAuth;
    TPM2B_PRIVATE *private = NULL;
    TPM2B_PUBLIC *public = NULL;
    TSS2_RC tss;

    auth->size = (UINT16)secret_length(key->auth);
    memcpy(auth->buffer, secret_bytes(key->auth), secret_length(key->auth));
    tss = Esys_Create(store->esys, store->srk, session, ESYS_TR_NONE,
                      ESYS_TR_NONE, &sensitive, asked, &outside, &none,
                      &private, &public, NULL, NULL, NULL);
    OPENSSL_cleanse(&sensitive, sizeof sensitive);
    if (tss == TSS2_RC_SUCCESS) {
        key->private = *private;
        key->public = *public;
    }
    Esys_Free(private);
    Esys_Free(public);
    return tss == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_store_fail_parent(store, cause, tss, "TPM2_Create");
}

/* But for the numbers, which the TPM adds.  Held against what was asked for
 * before anything is written down: a key found again by its id would be refused
 * each time, and stand in the way of another. */
static enum ks_err
check_made(const TPM2B_PUBLIC *asked, const TPM2B_PUBLIC *made,
           struct err_cause *cause)
{
    TPM2B_PUBLIC bare = *made;
    TPM2B_NAME wanted, name;
    enum ks_err rc = tpm2_public_name(asked, &wanted, cause);

    bare.publicArea.unique = asked->publicArea.unique;
    if (rc == KS_OK)
        rc = tpm2_public_name(&bare, &name, cause);
    if (rc == KS_OK && !tpm2_public_same_name(&name, &wanted))
        rc = err_set(cause, KS_ERR_TOKEN_WEAK,
                     "the TPM made another kind of key than it was asked for");
    return rc;
}

static enum ks_err
create(struct tpm2_store *store, struct tpm2_key *key, const char *label,
       enum material_type type, struct err_cause *cause)
{
    ESYS_TR session = ESYS_TR_NONE;
    TPM2B_PUBLIC asked;
    enum ks_err rc;

    (void)tpm2_leftover_flush(store, &store->srk_name);
    rc = tpm2_store_session(store, &session, cause);
    if (rc != KS_OK)
        return rc;
    tpm2_public_template(type, BORN_RSA_BITS, true, store->pin != NULL, &asked);
    rc = tpm2_record_new_auth(key, cause);
    if (rc == KS_OK)
        rc = create_object(store, key, &asked, session, cause);
    if (rc == KS_OK)
        rc = check_made(&asked, &key->public, cause);
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
