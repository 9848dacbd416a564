/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures verified by OpenSSL: the store takes no part in it. */
#include "keystore/store/signature.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

const EVP_MD *
signature_hash(enum keystore_scheme scheme)
{
    return keystore_digest_length(scheme) == 48 ? EVP_sha384() : EVP_sha256();
}

size_t
signature_length(EVP_PKEY *public)
{
    size_t bytes = ((size_t)EVP_PKEY_get_bits(public) + 7) / 8;

    return EVP_PKEY_is_a(public, "EC") == 1 ? 2 * bytes : bytes;
}

size_t
signature_ecdsa_der(const uint8_t *raw, size_t length, uint8_t *der)
{
    ECDSA_SIG *signature = NULL;
    BIGNUM *r = NULL;
    BIGNUM *s = NULL;
    int written = 0;

    if (length % 2 != 0 || length > 2 * KEYSTORE_DIGEST_MAX)
        return 0;
    signature = ECDSA_SIG_new();
    r = BN_bin2bn(raw, (int)(length / 2), NULL);
    s = BN_bin2bn(raw + length / 2, (int)(length / 2), NULL);
    if (signature != NULL && r != NULL && s != NULL &&
        ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL; /* transferred */
        written = i2d_ECDSA_SIG(signature, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return written > 0 ? (size_t)written : 0;
}

/* SALT is for PSS alone. */
static bool
set_padding(EVP_PKEY_CTX *context, enum keystore_scheme scheme, int salt)
{
    switch (scheme) {
    case KEYSTORE_RS256:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case KEYSTORE_PS256:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) ==
                   1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1;
    case KEYSTORE_ES256:
    case KEYSTORE_ES384:
        return true;
    case KEYSTORE_SCHEME__MAX:
    default:
        return false;
    }
}

static bool
verify(EVP_PKEY *public, enum keystore_scheme scheme, int salt,
       const uint8_t *digest, const uint8_t *signature, size_t length)
{
    uint8_t der[KEYSTORE_SIGNATURE_MAX];
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, public, NULL);
    bool good;

    if (scheme == KEYSTORE_ES256 || scheme == KEYSTORE_ES384) {
        length = signature_ecdsa_der(signature, length, der);
        signature = der;
    }
    good = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
           set_padding(context, scheme, salt) &&
           EVP_PKEY_CTX_set_signature_md(context, signature_hash(scheme)) ==
               1 &&
           EVP_PKEY_verify(context, signature, length, digest,
                           keystore_digest_length(scheme)) == 1;
    EVP_PKEY_CTX_free(context);
    return good;
}

bool
signature_is_good(EVP_PKEY *public, enum keystore_scheme scheme,
                  const uint8_t *digest, const uint8_t *signature,
                  size_t length)
{
    return verify(public, scheme, RSA_PSS_SALTLEN_DIGEST, digest, signature,
                  length);
}

bool
signature_is_good_by_any_salt(EVP_PKEY *public, const uint8_t *digest,
                              const uint8_t *signature, size_t length)
{
    return verify(public, KEYSTORE_PS256, RSA_PSS_SALTLEN_AUTO, digest,
                  signature, length);
}
