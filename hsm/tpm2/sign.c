/* SPDX-License-Identifier: Apache-2.0 */
/* A digest costs one TPM2_Sign: the padding is the TPM's, for a key that could
 * pad elsewhere would have to decrypt, too. */
#include "hsm/tpm2/sign.h"

#include <string.h>

#include "hsm/tpm2/rc.h"
#include "keystore/store/signature.h"

static const struct {
    TPMI_ALG_SIG_SCHEME scheme;
    TPMI_ALG_HASH hash;
} schemes[KEYSTORE_SCHEME__MAX] = {
    [KEYSTORE_RS256] = {TPM2_ALG_RSASSA, TPM2_ALG_SHA256},
    [KEYSTORE_PS256] = {TPM2_ALG_RSAPSS, TPM2_ALG_SHA256},
    [KEYSTORE_ES256] = {TPM2_ALG_ECDSA, TPM2_ALG_SHA256},
    [KEYSTORE_ES384] = {TPM2_ALG_ECDSA, TPM2_ALG_SHA384},
};

static bool
put_padded(uint8_t *to, size_t width, const uint8_t *bytes, size_t length)
{
    if (length > width)
        return false;
    memset(to, 0, width - length);
    memcpy(to + width - length, bytes, length);
    return true;
}

/* RSASSA and RSAPSS have the same form in a TPM's union. */
static bool
put_signature(const struct tpm2_key *key, const TPMT_SIGNATURE *made,
              struct keystore_signature *ret)
{
    size_t length = signature_length(key->key.public);
    size_t half = length / 2;
    const TPMS_SIGNATURE_RSA *rsa = &made->signature.rsassa;
    const TPMS_SIGNATURE_ECC *ec = &made->signature.ecdsa;

    ret->length = length;
    if (key->type == MATERIAL_RSA)
        return put_padded(ret->bytes, length, rsa->sig.buffer, rsa->sig.size);
    return put_padded(ret->bytes, half, ec->signatureR.buffer,
                      ec->signatureR.size) &&
           put_padded(ret->bytes + half, half, ec->signatureS.buffer,
                      ec->signatureS.size);
}

static enum ks_err
run_sign(const struct tpm2_key *key, enum keystore_scheme scheme,
         const uint8_t *digest, TPMT_SIGNATURE **ret, struct err_cause *cause)
{
    struct tpm2_store *store = tpm2_key_store(key);
    static const TPMT_TK_HASHCHECK outside = {.tag = TPM2_ST_HASHCHECK,
                                              .hierarchy = TPM2_RH_NULL};
    TPM2B_DIGEST hashed = {.size = (UINT16)scheme_digest_length(scheme)};
    const TPMT_SIG_SCHEME wanted = {
        .scheme = schemes[scheme].scheme,
        .details.any.hashAlg = schemes[scheme].hash};
    ESYS_TR session = ESYS_TR_NONE;
    enum ks_err rc = tpm2_store_session(store, &session, cause);
    TSS2_RC tss;

    if (rc != KS_OK)
        return rc;
    memcpy(hashed.buffer, digest, hashed.size);
    tss = Esys_Sign(store->tpm.esys, key->slot.object, session, ESYS_TR_NONE,
                    ESYS_TR_NONE, &hashed, &wanted, &outside, ret);
    if (tpm2_rc_is_refused(tss))
        return tpm2_key_refused(key, cause);
    return tss == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_connection_fail(&store->tpm, cause, tss, "TPM2_Sign");
}

enum ks_err
tpm2_sign(struct tpm2_key *key, enum keystore_scheme scheme,
          const uint8_t *digest, struct keystore_signature *ret,
          struct err_cause *cause)
{
    TPMT_SIGNATURE *made = NULL;
    enum ks_err rc;

    if (schemes[scheme].scheme == 0)
        return err_set(
            cause, KS_ERR_TOKEN_UNSUPPORTED,
            "no mechanism of a TPM for its signatures is known here; "
            "use a credential with another kind of key, or another token");
    if (!tpm2_record_is_current(&key->place, &key->record))
        return err_set(cause, KS_ERR_KEY_MISSING, "key %s", key->place.id);
    rc = tpm2_key_load(key, cause);
    if (rc == KS_OK)
        rc = run_sign(key, scheme, digest, &made, cause);
    if (rc == KS_OK && !put_signature(key, made, ret))
        rc = err_set(cause, KS_ERR_TOKEN_FAILED,
                     "its signature is longer than the key");
    Esys_Free(made);
    return rc;
}
