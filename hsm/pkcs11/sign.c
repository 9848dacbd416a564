/* SPDX-License-Identifier: Apache-2.0 */
/* The token makes the whole signature of a digest: padding in software over a
 * raw RSA operation would want a key that may do more than sign. */
#include "hsm/pkcs11/sign.h"

#include <string.h>

#include "hsm/pkcs11/rv.h"
#include "keystore/store/signature.h"

/* DigestInfo of SHA-256 up to the digest (RFC 8017, 9.2, note 1) */
static const uint8_t sha256_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                      0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                      0x01, 0x05, 0x00, 0x04, 0x20};

/* The mechanism of each scheme; what else it wants where that is not 0. */
static const struct {
    CK_MECHANISM_TYPE type;
    const uint8_t *info; /* in front of the digest */
    size_t info_length;
    CK_MECHANISM_TYPE pss_hash;
    CK_RSA_PKCS_MGF_TYPE pss_mask;
} mechanisms[KEYSTORE_SCHEME__MAX] = {
    [KEYSTORE_RS256] = {CKM_RSA_PKCS, sha256_info, sizeof sha256_info, 0, 0},
    [KEYSTORE_PS256] = {CKM_RSA_PKCS_PSS, NULL, 0, CKM_SHA256, CKG_MGF1_SHA256},
    [KEYSTORE_ES256] = {CKM_ECDSA, NULL, 0, 0, 0},
    [KEYSTORE_ES384] = {CKM_ECDSA, NULL, 0, 0, 0},
};

struct request {
    CK_MECHANISM mechanism;
    uint8_t data[sizeof sha256_info + KEYSTORE_DIGEST_MAX];
    size_t length;
};

static void
prepare(struct request *ret, enum keystore_scheme scheme, const uint8_t *digest,
        CK_RSA_PKCS_PSS_PARAMS *pss)
{
    size_t length = scheme_digest_length(scheme);
    size_t before = mechanisms[scheme].info_length;

    ret->mechanism = (CK_MECHANISM){mechanisms[scheme].type, NULL, 0};
    if (mechanisms[scheme].pss_hash != 0) {
        *pss = (CK_RSA_PKCS_PSS_PARAMS){mechanisms[scheme].pss_hash,
                                        mechanisms[scheme].pss_mask, length};
        ret->mechanism.pParameter = pss;
        ret->mechanism.ulParameterLen = sizeof *pss;
    }
    if (before != 0)
        memcpy(ret->data, mechanisms[scheme].info, before);
    memcpy(ret->data + before, digest, length);
    ret->length = before + length;
}

static CK_RV
run(struct pkcs11_key *key, struct request *request,
    struct keystore_signature *ret, const char **ret_call)
{
    struct pkcs11_token *token = (struct pkcs11_token *)key->key.ks;
    CK_ULONG length = sizeof ret->bytes;
    CK_RV rv = token->functions->C_SignInit(token->session, &request->mechanism,
                                            key->object);

    *ret_call = "C_SignInit";
    if (rv != CKR_OK)
        return rv;
    *ret_call = "C_Sign";
    rv = token->functions->C_Sign(token->session, request->data,
                                  request->length, ret->bytes, &length);
    ret->length = length;
    return rv;
}

enum ks_err
pkcs11_sign(struct pkcs11_key *key, enum keystore_scheme scheme,
            const uint8_t *digest, struct keystore_signature *ret,
            struct err_cause *cause)
{
    CK_RSA_PKCS_PSS_PARAMS pss;
    struct request request;
    const char *call = NULL;
    CK_RV rv;

    if (mechanisms[scheme].type == 0)
        return err_set(
            cause, KS_ERR_TOKEN_UNSUPPORTED,
            "no mechanism of PKCS#11 for its signatures is known here; "
            "use a credential with another kind of key, or another token");
    prepare(&request, scheme, digest, &pss);
    rv = run(key, &request, ret, &call);
    if (rv != CKR_OK) {
        /* The operation may still be active, and would block the next. */
        pkcs11_token_renew((struct pkcs11_token *)key->key.ks);
        return pkcs11_rv_set(cause, rv, call);
    }
    if (ret->length != signature_length(key->key.public))
        return err_set(cause, KS_ERR_TOKEN_FAILED,
                       "its signature has %zu bytes instead of %zu",
                       ret->length, signature_length(key->key.public));
    return KS_OK;
}
