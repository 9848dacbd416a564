/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures verified by OpenSSL: the store takes no part in it. */
#include "keystore/store/signature.h"

#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

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

    if (length % 2 != 0 || length > 2 * KEYSTORE_FIELD_MAX)
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

bool
signature_standard(enum keystore_scheme scheme,
                   const struct keystore_signature *signature,
                   struct keystore_signature *ret)
{
    const struct scheme *row = scheme_row(scheme);

    if (row == NULL || signature->length > sizeof signature->bytes)
        return false;
    if (row->form == SCHEME_ECDSA)
        ret->length = signature_ecdsa_der(signature->bytes, signature->length,
                                          ret->bytes);
    else
        *ret = *signature;
    return ret->length > 0;
}

static bool
set_padding(EVP_PKEY_CTX *context, enum scheme_form form, int salt)
{
    switch (form) {
    case SCHEME_PKCS1:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case SCHEME_PSS:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) ==
                   1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1;
    case SCHEME_ECDSA:
        return true;
    default:
        return false;
    }
}

bool
signature_set(EVP_PKEY_CTX *context, enum keystore_scheme scheme, int salt)
{
    const struct scheme *row = scheme_row(scheme);

    return row != NULL && set_padding(context, row->form, salt) &&
           EVP_PKEY_CTX_set_signature_md(context, row->hash()) == 1;
}

static bool
verify(EVP_PKEY *public, enum keystore_scheme scheme, int salt,
       const uint8_t *digest, const struct keystore_signature *signature)
{
    struct keystore_signature standard;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, public, NULL);
    bool good;

    good = signature_standard(scheme, signature, &standard) &&
           context != NULL && EVP_PKEY_verify_init(context) == 1 &&
           signature_set(context, scheme, salt) &&
           EVP_PKEY_verify(context, standard.bytes, standard.length, digest,
                           scheme_digest_length(scheme)) == 1;
    EVP_PKEY_CTX_free(context);
    return good;
}

bool
signature_is_good(EVP_PKEY *public, enum keystore_scheme scheme,
                  const uint8_t *digest,
                  const struct keystore_signature *signature)
{
    return verify(public, scheme, RSA_PSS_SALTLEN_DIGEST, digest, signature);
}

bool
signature_is_good_by_any_salt(EVP_PKEY *public, enum keystore_scheme scheme,
                              const uint8_t *digest,
                              const struct keystore_signature *signature)
{
    return verify(public, scheme, RSA_PSS_SALTLEN_AUTO, digest, signature);
}
