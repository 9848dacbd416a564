/* SPDX-License-Identifier: Apache-2.0 */
/* A test signature, verified by OpenSSL: the store takes no part in the
 * verification. */
#include "keystore/prove.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

struct trial {
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    size_t digest_length;
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length; /* of the signature */
};

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

/* SALT_LENGTH is for RSA_PKCS1_PSS_PADDING alone. */
static bool
verify_rsa(EVP_PKEY *public, int padding, int salt_length,
           const struct trial *trial)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(public, NULL);
    bool good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1 &&
                EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
                (padding != RSA_PKCS1_PSS_PADDING ||
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt_length) == 1) &&
                EVP_PKEY_verify(ctx, trial->signature, trial->length,
                                trial->digest, trial->digest_length) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

/* Some stores have a salt as long as the key has room for, which verifies as
 * RSA-PSS and is worth nothing in TLS 1.3 (RFC 8446, 4.2.3). */
static enum ks_err
judge_rsa_pss(EVP_PKEY *public, const struct trial *trial,
              struct err_cause *cause)
{
    if (verify_rsa(public, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST,
                   trial))
        return KS_OK;
    if (verify_rsa(public, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_AUTO, trial))
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "its RSA-PSS signatures have another salt than TLS 1.3 "
                       "wants: use a credential with P-256");
    return other_key(cause);
}

static enum ks_err
judge_rsa_pkcs1(EVP_PKEY *public, const struct trial *trial,
                struct err_cause *cause)
{
    return verify_rsa(public, RSA_PKCS1_PADDING, 0, trial) ? KS_OK
                                                           : other_key(cause);
}

static enum ks_err
judge_ecdsa(EVP_PKEY *public, const struct trial *trial,
            struct err_cause *cause)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(public, NULL);
    uint8_t *der = NULL;
    int encoded = encode_ecdsa(trial->signature, trial->length, &der);
    bool good = ctx != NULL && encoded > 0 && EVP_PKEY_verify_init(ctx) == 1 &&
                EVP_PKEY_verify(ctx, der, (size_t)encoded, trial->digest,
                                trial->digest_length) == 1;

    OPENSSL_free(der);
    EVP_PKEY_CTX_free(ctx);
    return good ? KS_OK : other_key(cause);
}

static enum ks_err
judge(struct keystore_key *key, enum keystore_scheme scheme,
      const struct trial *trial, struct err_cause *cause)
{
    EVP_PKEY *public = keystore_key_public(key);

    if (scheme == KEYSTORE_PS256)
        return judge_rsa_pss(public, trial, cause);
    if (scheme == KEYSTORE_RS256)
        return judge_rsa_pkcs1(public, trial, cause);
    return judge_ecdsa(public, trial, cause);
}

static enum ks_err
sign(struct keystore_key *key, enum keystore_scheme scheme, struct trial *ret,
     struct err_cause *cause)
{
    ret->digest_length = keystore_digest_length(scheme);
    ret->length = sizeof ret->signature;
    if (RAND_bytes(ret->digest, (int)sizeof ret->digest) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "random digest");
    return keystore_sign(key, scheme, ret->digest, ret->signature, &ret->length,
                         cause);
}

enum ks_err
prove_scheme(struct keystore_key *key, enum keystore_scheme scheme,
             struct err_cause *cause)
{
    struct trial trial;
    enum ks_err rc = sign(key, scheme, &trial, cause);

    return rc == KS_OK ? judge(key, scheme, &trial, cause) : rc;
}

enum ks_err
prove_key(struct keystore_key *key, struct err_cause *cause)
{
    enum keystore_scheme scheme = keystore_scheme_of(keystore_key_public(key));
    struct trial trial;
    enum ks_err rc = sign(key, scheme, &trial, cause);

    if (rc == KS_ERR_TOKEN_UNSUPPORTED && scheme == KEYSTORE_PS256 &&
        prove_scheme(key, KEYSTORE_RS256, NULL) == KS_OK)
        return err_set(cause, rc,
                       "it signs RSA by PKCS#1 v1.5 alone; TLS 1.3 wants PSS");
    return rc == KS_OK ? judge(key, scheme, &trial, cause) : rc;
}
