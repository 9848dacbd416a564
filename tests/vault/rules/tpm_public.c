/* SPDX-License-Identifier: Apache-2.0 */
/* Coordinates may lack their leading zeros, and an RSA key has no exponent. */
#include "tests/vault/rules/tpm_public.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "tests/vault/rules/rules.h"

static EVP_PKEY *
build_key(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    assert_non_null(parameters);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    return key;
}

EVP_PKEY *
tpm_public_ecc(const TPM2B_PUBLIC *public)
{
    const TPMS_ECC_POINT *point = &public->publicArea.unique.ecc;
    uint8_t bytes[65] = {4};
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();

    memcpy(bytes + 33 - point->x.size, point->x.buffer, point->x.size);
    memcpy(bytes + 65 - point->y.size, point->y.buffer, point->y.size);
    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
                                    "prime256v1", 0);
    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, bytes,
                                     sizeof bytes);
    return kept_key(build_key("EC", build));
}

EVP_PKEY *
tpm_public_rsa(const TPM2B_PUBLIC *public)
{
    const TPM2B_PUBLIC_KEY_RSA *modulus = &public->publicArea.unique.rsa;
    BIGNUM *n = BN_bin2bn(modulus->buffer, modulus->size, NULL);
    BIGNUM *e = BN_new();
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key;

    assert_int_equal(BN_set_word(e, 65537), 1);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
    key = build_key("RSA", build);
    BN_free(n);
    BN_free(e);
    return key;
}
