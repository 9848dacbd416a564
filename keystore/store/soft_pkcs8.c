/* SPDX-License-Identifier: Apache-2.0 */
/* Between numbers, OpenSSL's keys and PKCS#8.  OpenSSL copies private numbers
 * here: the emulation relies on its wiping allocator (keystore/base/secret.h).
 */
#include "keystore/store/soft_pkcs8.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#define NUMBERS_MAX 8
#define POINT_MAX (1 + 2 * KEYSTORE_FIELD_MAX) /* SEC 1, 2.3.3 */

/* A number on its way into a builder, and the copy that has to be wiped. */
struct number {
    const char *name;
    const struct material_number *value;
    BIGNUM *copy;
};

static const struct {
    enum keystore_origin origin;
    const char *text;
} origins[] = {
    {KEYSTORE_IMPORTED, "imported"},
    {KEYSTORE_BORN, "born"},
};

static EVP_PKEY *
from_builder(const char *algorithm, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY *key = NULL;

    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* Secure numbers make the builder use secure memory, too. */
static bool
push(OSSL_PARAM_BLD *builder, struct number *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        numbers[i].copy = BN_secure_new();
        if (numbers[i].copy == NULL ||
            BN_bin2bn(numbers[i].value->bytes, (int)numbers[i].value->length,
                      numbers[i].copy) == NULL ||
            OSSL_PARAM_BLD_push_BN(builder, numbers[i].name, numbers[i].copy) !=
                1)
            return false;
    }
    return true;
}

static EVP_PKEY *
join_rsa(OSSL_PARAM_BLD *builder, const struct material *material)
{
    struct number numbers[NUMBERS_MAX] = {
        {OSSL_PKEY_PARAM_RSA_N, &material->n, NULL},
        {OSSL_PKEY_PARAM_RSA_E, &material->e, NULL},
        {OSSL_PKEY_PARAM_RSA_D, &material->d, NULL},
        {OSSL_PKEY_PARAM_RSA_FACTOR1, &material->p, NULL},
        {OSSL_PKEY_PARAM_RSA_FACTOR2, &material->q, NULL},
        {OSSL_PKEY_PARAM_RSA_EXPONENT1, &material->dp, NULL},
        {OSSL_PKEY_PARAM_RSA_EXPONENT2, &material->dq, NULL},
        {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &material->qi, NULL},
    };
    EVP_PKEY *key = NULL;

    if (push(builder, numbers, NUMBERS_MAX))
        key = from_builder("RSA", builder);
    for (size_t i = 0; i < NUMBERS_MAX; i++)
        BN_clear_free(numbers[i].copy);
    return key;
}

static EVP_PKEY *
join_ec(OSSL_PARAM_BLD *builder, const struct material *material,
        EVP_PKEY *public)
{
    struct number scalar = {OSSL_PKEY_PARAM_PRIV_KEY, &material->scalar, NULL};
    const char *curve = scheme_key(material->type)->curve;
    uint8_t point[POINT_MAX];
    size_t length = 0;
    EVP_PKEY *key = NULL;

    if (EVP_PKEY_get_octet_string_param(public,
                                        OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                        point, sizeof point, &length) == 1 &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
                                        curve, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
                                         point, length) == 1 &&
        push(builder, &scalar, 1))
        key = from_builder("EC", builder);
    BN_clear_free(scalar.copy);
    return key;
}

enum ks_err
soft_pkcs8_join(const struct material *material, EVP_PKEY *public,
                EVP_PKEY **ret, struct err_cause *cause)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;

    if (builder != NULL)
        key = material->type == MATERIAL_RSA
                  ? join_rsa(builder, material)
                  : join_ec(builder, material, public);
    OSSL_PARAM_BLD_free(builder);
    if (key == NULL)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "private key");
    *ret = key;
    return KS_OK;
}

static const char *
origin_text(enum keystore_origin origin)
{
    size_t i = 0;

    while (origins[i].origin != origin)
        i++;
    return origins[i].text;
}

/* The label for people, and the origin for us. */
static bool
add_attributes(PKCS8_PRIV_KEY_INFO *info, const char *label,
               enum keystore_origin origin)
{
    const char *text = origin_text(origin);

    return PKCS8_pkey_add1_attr_by_NID(info, NID_friendlyName, MBSTRING_UTF8,
                                       (const unsigned char *)label,
                                       (int)strlen(label)) == 1 &&
           PKCS8_pkey_add1_attr_by_NID(
               info, NID_pkcs9_unstructuredName, V_ASN1_IA5STRING,
               (const unsigned char *)text, (int)strlen(text)) == 1;
}

enum ks_err
soft_pkcs8_encode(EVP_PKEY *key, const char *label, enum keystore_origin origin,
                  struct secret **ret, struct err_cause *cause)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    struct secret *bytes = NULL;
    uint8_t *end = NULL;
    enum ks_err rc = secret_new(MATERIAL_MAX, &bytes);
    int length;

    if (rc != KS_OK) {
        rc = err_set(cause, rc, "%d bytes for a key", MATERIAL_MAX);
        goto out;
    }
    if (info == NULL || !add_attributes(info, label, origin)) {
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "PKCS#8");
        goto out;
    }
    length = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
    if (length <= 0 || length > MATERIAL_MAX) {
        rc = err_set(cause, KS_ERR_INTERNAL, "PKCS#8 of %d bytes", length);
        goto out;
    }
    end = secret_space(bytes);
    secret_set_length(bytes, (size_t)i2d_PKCS8_PRIV_KEY_INFO(info, &end));
    *ret = bytes;
    bytes = NULL; /* transferred */
    rc = KS_OK;
out:
    secret_free(&bytes);
    PKCS8_PRIV_KEY_INFO_free(info);
    return rc;
}

static enum keystore_origin
read_origin(const PKCS8_PRIV_KEY_INFO *info)
{
    const STACK_OF(X509_ATTRIBUTE) *attributes = PKCS8_pkey_get0_attrs(info);
    int at = X509at_get_attr_by_NID(attributes, NID_pkcs9_unstructuredName, -1);
    X509_ATTRIBUTE *attribute = X509at_get_attr(attributes, at);
    const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
    const char *text = origin_text(KEYSTORE_BORN);
    const ASN1_STRING *string;

    if (value == NULL || ASN1_TYPE_get(value) != V_ASN1_IA5STRING)
        return KEYSTORE_IMPORTED;
    string = value->value.ia5string;
    return ASN1_STRING_length(string) == (int)strlen(text) &&
                   memcmp(ASN1_STRING_get0_data(string), text, strlen(text)) ==
                       0
               ? KEYSTORE_BORN
               : KEYSTORE_IMPORTED;
}

enum ks_err
soft_pkcs8_decode(const struct secret *bytes, EVP_PKEY **ret,
                  enum keystore_origin *ret_origin, struct err_cause *cause)
{
    const uint8_t *p = secret_bytes(bytes);
    const uint8_t *end = p + secret_length(bytes);
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(
        NULL, &p, (long)secret_length(bytes));
    EVP_PKEY *key = NULL;
    enum ks_err rc = KS_OK;

    if (info != NULL && p == end)
        key = EVP_PKCS82PKEY(info);
    if (key == NULL) {
        rc = err_set_openssl(cause, KS_ERR_TOKEN_FAILED,
                             "the key file holds no PKCS#8 key");
    } else if (scheme_of_key(key) == 0) {
        rc = err_set(cause, KS_ERR_KEY_OTHER, "it is " SCHEME_OTHER_KEY);
        EVP_PKEY_free(key);
    } else {
        *ret = key;
        *ret_origin = read_origin(info);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    return rc;
}

enum ks_err
soft_pkcs8_public(EVP_PKEY *key, EVP_PKEY **ret, struct err_cause *cause)
{
    uint8_t *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    const uint8_t *p = der;
    EVP_PKEY *public = length > 0 ? d2i_PUBKEY(NULL, &p, length) : NULL;

    OPENSSL_free(der);
    if (public == NULL)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "public half");
    *ret = public;
    return KS_OK;
}
