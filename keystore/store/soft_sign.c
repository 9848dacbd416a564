/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by OpenSSL, in the form that tokens give them. */
#include "keystore/store/soft_sign.h"

#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

static bool
set_scheme(EVP_PKEY_CTX *ctx, enum keystore_scheme scheme)
{
    const EVP_MD *digest = scheme == KEYSTORE_ES384 ? EVP_sha384()
                                                    : EVP_sha256();

    if (EVP_PKEY_CTX_set_signature_md(ctx, digest) != 1)
        return false;
    if (scheme == KEYSTORE_RS256)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    if (scheme == KEYSTORE_PS256)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) ==
                   1;
    return true;
}

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
          uint8_t *signature, size_t *length, struct err_cause *cause)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t width = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8;
    uint8_t made[KEYSTORE_SIGNATURE_MAX];
    uint8_t raw[2 * KEYSTORE_DIGEST_MAX];
    size_t made_length = sizeof made;
    const uint8_t *out = made;
    enum ks_err rc = KS_ERR_INTERNAL;

    if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
        !set_scheme(ctx, scheme) ||
        EVP_PKEY_sign(ctx, made, &made_length, digest,
                      keystore_digest_length(scheme)) != 1) {
        rc = err_set_openssl(cause, KS_ERR_TOKEN_FAILED, "sign");
        goto out;
    }
    if (scheme == KEYSTORE_ES256 || scheme == KEYSTORE_ES384) {
        if (2 * width > sizeof raw ||
            !decode_ecdsa(made, made_length, width, raw)) {
            rc = err_set_openssl(cause, KS_ERR_INTERNAL, "ECDSA signature");
            goto out;
        }
        out = raw;
        made_length = 2 * width;
    }
    if (made_length > *length) {
        rc = err_set(cause, KS_ERR_INTERNAL, "no room for the signature");
        goto out;
    }
    memcpy(signature, out, made_length);
    *length = made_length;
    rc = KS_OK;
out:
    EVP_PKEY_CTX_free(ctx);
    return rc;
}
