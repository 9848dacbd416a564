/* SPDX-License-Identifier: Apache-2.0 */
/* A test signature, verified by OpenSSL: the store takes no part in the
 * verification. */
#include "keystore/prove.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

/* r || s of LENGTH bytes as DER (RFC 3279, 2.2.3), which the caller frees. */
static int
encode_ecdsa(const uint8_t *raw, size_t length, uint8_t **ret)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)(length / 2), NULL);
    BIGNUM *s = BN_bin2bn(raw + length / 2, (int)(length / 2), NULL);
    int encoded = -1;

    if (signature != NULL && r != NULL && s != NULL &&
        ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL; /* transferred */
        encoded = i2d_ECDSA_SIG(signature, ret);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return encoded;
}

static enum ks_err
other_key(struct err_cause *cause)
{
    return err_set(cause, KS_ERR_KEY_OTHER,
                   "its test signature does not verify");
}

static bool
verify_rsa_pss(EVP_PKEY *public, const uint8_t *digest, size_t digest_length,
               const uint8_t *signature, size_t length, int salt_length)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(public, NULL);
    bool good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt_length) == 1 &&
                EVP_PKEY_verify(ctx, signature, length, digest,
                                digest_length) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

/* Some stores have a salt as long as the key has room for, which verifies as
 * RSA-PSS and is worth nothing in TLS 1.3 (RFC 8446, 4.2.3). */
static enum ks_err
judge_rsa_pss(EVP_PKEY *public, const uint8_t *digest, size_t digest_length,
              const uint8_t *signature, size_t length, struct err_cause *cause)
{
    if (verify_rsa_pss(public, digest, digest_length, signature, length,
                       RSA_PSS_SALTLEN_DIGEST))
        return KS_OK;
    if (verify_rsa_pss(public, digest, digest_length, signature, length,
                       RSA_PSS_SALTLEN_AUTO))
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "its RSA-PSS signatures have another salt than TLS 1.3 "
                       "wants: use a credential with P-256");
    return other_key(cause);
}

static enum ks_err
judge_ecdsa(EVP_PKEY *public, const uint8_t *digest, size_t digest_length,
            const uint8_t *signature, size_t length, struct err_cause *cause)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(public, NULL);
    uint8_t *der = NULL;
    int encoded = encode_ecdsa(signature, length, &der);
    bool good = ctx != NULL && encoded > 0 && EVP_PKEY_verify_init(ctx) == 1 &&
                EVP_PKEY_verify(ctx, der, (size_t)encoded, digest,
                                digest_length) == 1;

    OPENSSL_free(der);
    EVP_PKEY_CTX_free(ctx);
    return good ? KS_OK : other_key(cause);
}

enum ks_err
prove_key(struct keystore_key *key, struct err_cause *cause)
{
    EVP_PKEY *public = keystore_key_public(key);
    enum keystore_scheme scheme = keystore_scheme_of(public);
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t digest_length = keystore_digest_length(scheme);
    size_t length = sizeof signature;
    enum ks_err rc;

    if (RAND_bytes(digest, (int)sizeof digest) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "random digest");
    rc = keystore_sign(key, scheme, digest, signature, &length, cause);
    if (rc != KS_OK)
        return rc;
    return scheme == KEYSTORE_PS256
               ? judge_rsa_pss(public, digest, digest_length, signature, length,
                               cause)
               : judge_ecdsa(public, digest, digest_length, signature, length,
                             cause);
}
