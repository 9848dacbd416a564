/* SPDX-License-Identifier: Apache-2.0 */
/* Public numbers only; what is weak is refused here, for every store. */
#include "keystore/store/public_key.h"

#include <stdbool.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "keystore/base/limits.h"

#define EXPONENT_MIN_BITS 17 /* 65537 */

size_t
public_key_point_length(enum material_type type)
{
    return 1 + 2 * scheme_field_length(type);
}

static EVP_PKEY *
from_params(const char *algorithm, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
    EVP_PKEY *public = NULL;

    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &public, EVP_PKEY_PUBLIC_KEY, params) != 1)
    public = NULL;
    EVP_PKEY_CTX_free(ctx);
    return public;
}

static EVP_PKEY *
make_rsa(const uint8_t *modulus, size_t modulus_length, const uint8_t *exponent,
         size_t exponent_length)
{
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_length, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY *public = NULL;

    if (n != NULL && e != NULL && builder != NULL &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1) {
        params = OSSL_PARAM_BLD_to_param(builder);
        public = from_params("RSA", params);
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return public;
}

static EVP_PKEY *
make_ec(enum material_type type, const uint8_t *point, size_t length)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY *public = NULL;

    if (builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
                                        scheme_key(type)->curve, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
                                         point, length) == 1) {
        params = OSSL_PARAM_BLD_to_param(builder);
        public = from_params("EC", params);
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    return public;
}

/* With an exponent of 1 everything verifies, and a small modulus anybody can
 * sign for: a token's numbers are no better than others'. */
static bool
is_strong(EVP_PKEY *public)
{
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    int bits = EVP_PKEY_get_bits(public);
    bool strong =
        bits >= LIMITS_RSA_BITS_MIN && bits <= LIMITS_RSA_BITS_MAX &&
        EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
        EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
        BN_is_odd(n) == 1 && BN_is_odd(e) == 1 &&
        BN_num_bits(e) >= EXPONENT_MIN_BITS;

    BN_free(n);
    BN_free(e);
    return strong;
}

enum ks_err
public_key_rsa(const uint8_t *modulus, size_t modulus_length,
               const uint8_t *exponent, size_t exponent_length, EVP_PKEY **ret,
               struct err_cause *cause)
{
    EVP_PKEY *public = make_rsa(modulus, modulus_length, exponent,
                                exponent_length);

    if (public == NULL)
        return err_set_openssl(cause, KS_ERR_TOKEN_FAILED,
                               "modulus and exponent are no key");
    if (!is_strong(public)) {
        EVP_PKEY_free(public);
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "its RSA modulus or exponent is none of ours");
    }
    *ret = public;
    return KS_OK;
}

enum ks_err
public_key_ec(enum material_type type, const uint8_t *point, EVP_PKEY **ret,
              struct err_cause *cause)
{
    EVP_PKEY *public = make_ec(type, point, public_key_point_length(type));

    if (public == NULL)
        return err_set_openssl(cause, KS_ERR_TOKEN_FAILED,
                               "its point is not on the curve");
    *ret = public;
    return KS_OK;
}
