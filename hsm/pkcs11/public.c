/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys between a token's attributes and OpenSSL.  Public numbers only.
 */
#include "hsm/pkcs11/public.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "hsm/pkcs11/template.h"
#include "keystore/store/public_key.h"

#define MODULUS_MAX 512 /* bytes: RSA-4096 */
#define OCTET_STRING 0x04
#define UNCOMPRESSED 0x04

static enum ks_err
read_rsa(struct pkcs11_token *token, CK_OBJECT_HANDLE object, EVP_PKEY **ret,
         struct err_cause *cause)
{
    uint8_t modulus[MODULUS_MAX];
    uint8_t exponent[MODULUS_MAX];
    CK_ATTRIBUTE n = {CKA_MODULUS, modulus, sizeof modulus};
    CK_ATTRIBUTE e = {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent};
    enum ks_err rc = pkcs11_object_read(token, object, &n, cause);

    if (rc == KS_OK)
        rc = pkcs11_object_read(token, object, &e, cause);
    if (rc != KS_OK)
        return rc;
    return public_key_rsa(&(struct der){modulus, n.ulValueLen},
                          &(struct der){exponent, e.ulValueLen}, ret, cause);
}

/* The standard wants the point in an OCTET STRING; some tokens give it bare.
 * Both begin with 0x04, so the length must tell. */
static enum ks_err
read_ec(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
        enum material_type type, EVP_PKEY **ret, struct err_cause *cause)
{
    uint8_t value[PKCS11_POINT_MAX];
    CK_ATTRIBUTE point = {CKA_EC_POINT, value, sizeof value};
    size_t bare = public_key_point_length(type);
    enum ks_err rc = pkcs11_object_read(token, object, &point, cause);

    if (rc != KS_OK)
        return rc;
    if (point.ulValueLen == bare)
        rc = public_key_ec(type, value, ret, NULL);
    else if (point.ulValueLen == bare + 2 && value[0] == OCTET_STRING &&
             value[1] == bare)
        rc = public_key_ec(type, value + 2, ret, NULL);
    else
        rc = KS_ERR_TOKEN_FAILED;
    return rc == KS_OK
               ? KS_OK
               : err_set(cause, rc, "CKA_EC_POINT is no point of the curve");
}

static enum ks_err
read_type(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
          enum material_type *ret, struct err_cause *cause)
{
    CK_KEY_TYPE type = 0;
    CK_ATTRIBUTE asked = {CKA_KEY_TYPE, &type, sizeof type};
    uint8_t params[64];
    CK_ATTRIBUTE curve = {CKA_EC_PARAMS, params, sizeof params};
    enum ks_err rc = pkcs11_object_read(token, object, &asked, cause);

    if (rc != KS_OK)
        return rc;
    if (asked.ulValueLen != sizeof type)
        type = CKK_VENDOR_DEFINED; /* half a number is no type */
    if (type == CKK_RSA) {
        *ret = MATERIAL_RSA;
        return KS_OK;
    }
    if (type == CKK_EC)
        rc = pkcs11_object_read(token, object, &curve, cause);
    if (type == CKK_EC && rc == KS_OK)
        *ret = pkcs11_template_curve(params, curve.ulValueLen);
    if (rc != KS_OK && rc != KS_ERR_TOKEN_UNSUPPORTED)
        return rc;
    return *ret != 0 ? KS_OK
                     : err_set(cause, KS_ERR_KEY_OTHER,
                               "it is neither RSA nor P-256 nor P-384");
}

/* The one public object under ID, or CK_INVALID_HANDLE. */
static enum ks_err
find_public(struct pkcs11_token *token, const uint8_t *id,
            CK_OBJECT_HANDLE *ret, struct err_cause *cause)
{
    struct pkcs11_found found;
    enum ks_err rc = pkcs11_object_find(token, CKO_PUBLIC_KEY, id, &found,
                                        cause);

    if (rc != KS_OK)
        return rc;
    if (found.count > 1)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "more than one public key has its id");
    *ret = found.count == 1 ? found.object[0] : CK_INVALID_HANDLE;
    return KS_OK;
}

enum ks_err
pkcs11_public_read(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
                   const uint8_t *id, struct pkcs11_public *ret,
                   struct err_cause *cause)
{
    CK_OBJECT_HANDLE sources[] = {object, CK_INVALID_HANDLE};
    enum material_type type = 0;
    EVP_PKEY *public = NULL;
    enum ks_err rc = read_type(token, object, &type, cause);

    if (rc == KS_OK)
        rc = find_public(token, id, &sources[1], cause);
    for (size_t i = 0; rc == KS_OK && public == NULL && i < 2; i++) {
        if (sources[i] == CK_INVALID_HANDLE)
            continue;
        rc = type == MATERIAL_RSA
                 ? read_rsa(token, sources[i], &public, cause)
                 : read_ec(token, sources[i], type, &public, cause);
        if (rc == KS_ERR_TOKEN_UNSUPPORTED)
            rc = KS_OK; /* this object does not say; the other may */
    }
    if (rc != KS_OK)
        return rc;
    *ret = (struct pkcs11_public){type, public};
    return KS_OK;
}

enum ks_err
pkcs11_public_point(EVP_PKEY *public, uint8_t ret[static PKCS11_POINT_MAX],
                    size_t *ret_length, struct err_cause *cause)
{
    size_t field = ((size_t)EVP_PKEY_get_bits(public) + 7) / 8;
    size_t bare = 1 + 2 * field;
    BIGNUM *x = NULL;
    BIGNUM *y = NULL;
    enum ks_err rc = KS_OK;

    if (bare + 2 > PKCS11_POINT_MAX ||
        EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_EC_PUB_X, &x) != 1 ||
        EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_EC_PUB_Y, &y) != 1 ||
        BN_bn2binpad(x, ret + 3, (int)field) < 0 ||
        BN_bn2binpad(y, ret + 3 + field, (int)field) < 0) {
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "public point");
    } else {
        ret[0] = OCTET_STRING;
        ret[1] = (uint8_t)bare;
        ret[2] = UNCOMPRESSED;
        *ret_length = bare + 2;
    }
    BN_free(x);
    BN_free(y);
    return rc;
}
