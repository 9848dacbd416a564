/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by OpenSSL, in the form that tokens give them. */
#include "keystore/store/soft_sign.h"

#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "keystore/store/signature.h"

/* ECDSA's DER (RFC 3279, 2.2.3) as r || s of 2 * FIELD bytes. */
static bool
decode_ecdsa(const uint8_t *der, size_t length, size_t field, uint8_t *ret)
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)length);
    bool good =
        signature != NULL &&
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), ret, (int)field) >= 0 &&
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), ret + field, (int)field) >= 0;

    ECDSA_SIG_free(signature);
    return good;
}

enum ks_err
soft_sign(EVP_PKEY *key, enum keystore_scheme scheme, const uint8_t *digest,
          struct keystore_signature *ret, struct err_cause *cause)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t width = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8;
    uint8_t made[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof made;
    enum ks_err rc = KS_OK;

    if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
        !signature_set(ctx, scheme, RSA_PSS_SALTLEN_DIGEST) ||
        EVP_PKEY_sign(ctx, made, &length, digest,
                      scheme_digest_length(scheme)) != 1) {
        rc = err_set_openssl(cause, KS_ERR_TOKEN_FAILED, "sign");
    } else if (scheme_row(scheme)->form != SCHEME_ECDSA) {
        memcpy(ret->bytes, made, length);
        ret->length = length;
    } else if (2 * width <= sizeof ret->bytes &&
               decode_ecdsa(made, length, width, ret->bytes)) {
        ret->length = 2 * width;
    } else {
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "ECDSA signature");
    }
    EVP_PKEY_CTX_free(ctx);
    return rc;
}
