/* SPDX-License-Identifier: Apache-2.0 */
/* The wrapping half of a wrapped import, done by OpenSSL.  The clear key is in
 * secrets alone, and in the wrap itself only while OpenSSL works on it: that is
 * a secret, too. */
#include "hsm/pkcs11/wrap.h"

#include <stdbool.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "keystore/store/material_pkcs8.h"

#define KEK_LENGTH (PKCS11_WRAP_KEK_BITS / 8)
#define SEALED_LENGTH (PKCS11_WRAP_TRANSPORT_BITS / 8)
#define KWP_MORE 16 /* a block for the length, and padding to the next */

struct pkcs11_wrap {
    struct secret *kek;
    struct secret *bytes; /* SEALED_LENGTH bytes of KEK, then the key */
};

/* KWP of PKCS8, behind the room for the sealed KEK. */
static bool
wrap(struct pkcs11_wrap *into, const struct secret *pkcs8)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *space = secret_space(into->bytes) + SEALED_LENGTH;
    int length = 0;
    int rest = 0;
    bool done = false;

    if (ctx != NULL) {
        EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
        done = EVP_EncryptInit_ex2(ctx, EVP_aes_256_wrap_pad(),
                                   secret_bytes(into->kek), NULL, NULL) == 1 &&
               EVP_EncryptUpdate(ctx, space, &length, secret_bytes(pkcs8),
                                 (int)secret_length(pkcs8)) == 1 &&
               EVP_EncryptFinal_ex(ctx, space + length, &rest) == 1;
    }
    EVP_CIPHER_CTX_free(ctx);
    if (done)
        secret_set_length(into->bytes, SEALED_LENGTH + (size_t)(length + rest));
    return done;
}

enum ks_err
pkcs11_wrap_new(const struct material *material, struct pkcs11_wrap **ret,
                struct err_cause *cause)
{
    struct pkcs11_wrap *made = calloc(1, sizeof *made);
    struct secret *pkcs8 = NULL;
    enum ks_err rc = material_pkcs8(material, &pkcs8, cause);

    if (rc != KS_OK)
        goto out;
    if (made == NULL || secret_new(KEK_LENGTH, &made->kek) != KS_OK ||
        secret_new(SEALED_LENGTH + secret_length(pkcs8) + KWP_MORE,
                   &made->bytes) != KS_OK) {
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory to wrap a key in");
        goto out;
    }
    if (RAND_priv_bytes(secret_space(made->kek), KEK_LENGTH) != 1 ||
        !wrap(made, pkcs8)) {
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "AES-KWP");
        goto out;
    }
    secret_set_length(made->kek, KEK_LENGTH);
    *ret = made;
    made = NULL; /* transferred */
out:
    secret_free(&pkcs8);
    pkcs11_wrap_free(&made);
    return rc;
}

void
pkcs11_wrap_free(struct pkcs11_wrap **wrap)
{
    if (*wrap == NULL)
        return;
    secret_free(&(*wrap)->kek);
    secret_free(&(*wrap)->bytes);
    free(*wrap);
    *wrap = NULL;
}

enum ks_err
pkcs11_wrap_seal(struct pkcs11_wrap *wrap, EVP_PKEY *transport,
                 const EVP_MD *digest, struct err_cause *cause)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, transport, NULL);
    size_t length = SEALED_LENGTH;
    bool done = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) ==
                    1 &&
                EVP_PKEY_CTX_set_rsa_oaep_md(ctx, digest) == 1 &&
                EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, digest) == 1 &&
                EVP_PKEY_encrypt(ctx, secret_space(wrap->bytes), &length,
                                 secret_bytes(wrap->kek),
                                 secret_length(wrap->kek)) == 1 &&
                length == SEALED_LENGTH;

    EVP_PKEY_CTX_free(ctx);
    return done ? KS_OK : err_set_openssl(cause, KS_ERR_INTERNAL, "RSA-OAEP");
}

struct pkcs11_blob
pkcs11_wrap_kek(const struct pkcs11_wrap *wrap)
{
    return (struct pkcs11_blob){secret_space(wrap->bytes), SEALED_LENGTH};
}

struct pkcs11_blob
pkcs11_wrap_key(const struct pkcs11_wrap *wrap)
{
    return (struct pkcs11_blob){secret_space(wrap->bytes) + SEALED_LENGTH,
                                secret_length(wrap->bytes) - SEALED_LENGTH};
}

struct pkcs11_blob
pkcs11_wrap_both(const struct pkcs11_wrap *wrap)
{
    return (struct pkcs11_blob){secret_space(wrap->bytes),
                                secret_length(wrap->bytes)};
}
