/* SPDX-License-Identifier: Apache-2.0 */
/* The key's numbers are in the secure heap here, in two buffers: as the TSS's
 * structure and marshalled.  The encrypted form alone leaves this file. */
#include "hsm/tpm2/wrap.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <tss2/tss2_mu.h>

#include "hsm/tpm2/seed.h"

#define HASH 32
#define CIPHER_KEY_MAX 32

/* The numbers that must not be left behind, in one piece of the secure heap. */
struct workspace {
    TPM2B_SENSITIVE sensitive;
    uint8_t marshalled[sizeof(TPM2B_SENSITIVE)];
    uint8_t seed[TPM2_SEED_LENGTH];
    uint8_t cipher_key[CIPHER_KEY_MAX];
    uint8_t hmac_key[HASH];
};

static void
put_number(uint8_t *to, UINT16 *size, const struct material_number *number,
           size_t width)
{
    memset(to, 0, width);
    memcpy(to + width - number->length, number->bytes, number->length);
    *size = (UINT16)width;
}

/* A TPM wants one prime of an RSA key (Part 2, 12.3.2.4). */
static enum ks_err
fill_sensitive(TPMT_SENSITIVE *ret, const struct material *material,
               const struct secret *auth, struct err_cause *cause)
{
    TPMU_SENSITIVE_COMPOSITE *key = &ret->sensitive;
    size_t width = (material->bits + 7) / 8;
    const struct material_number *number = &material->scalar;

    if (material->type == MATERIAL_RSA) {
        width /= 2;
        number = &material->p;
    }
    if (number->length > width || width > sizeof key->any.buffer ||
        secret_length(auth) > sizeof ret->authValue.buffer)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "a TPM wants two primes of the same length; use another "
                       "credential, or another kind of token");
    ret->authValue.size = (UINT16)secret_length(auth);
    memcpy(ret->authValue.buffer, secret_bytes(auth), secret_length(auth));
    if (material->type == MATERIAL_RSA) {
        ret->sensitiveType = TPM2_ALG_RSA;
        put_number(key->rsa.buffer, &key->rsa.size, number, width);
    } else {
        ret->sensitiveType = TPM2_ALG_ECC;
        put_number(key->ecc.buffer, &key->ecc.size, number, width);
    }
    return KS_OK;
}

static const EVP_CIPHER *
cipher_of(const TPM2B_PUBLIC *parent, size_t *ret_length)
{
    UINT16 bits =
        parent->publicArea.parameters.asymDetail.symmetric.keyBits.aes;

    *ret_length = bits / 8u;
    if (bits == 128)
        return EVP_aes_128_cfb128();
    return bits == 256 ? EVP_aes_256_cfb128() : NULL;
}

static bool
encrypt(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *plain,
        size_t length, uint8_t *ret)
{
    static const uint8_t zero[16];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int written = 0;
    bool done = ctx != NULL &&
                EVP_EncryptInit_ex2(ctx, cipher, key, zero, NULL) == 1 &&
                EVP_EncryptUpdate(ctx, ret, &written, plain, (int)length) ==
                    1 &&
                (size_t)written == length;

    EVP_CIPHER_CTX_free(ctx);
    return done;
}

/* An HMAC over the encrypted area and the Name stands before that area. */
static bool
seal(const uint8_t *key, const uint8_t *encrypted, size_t length,
     const TPM2B_NAME *name, TPM2B_PRIVATE *ret)
{
    uint8_t text[sizeof(TPM2B_SENSITIVE) + sizeof(TPM2B_NAME)];
    size_t mac = 2 + HASH; /* as a TPM2B_DIGEST */

    if (length + name->size > sizeof text || mac + length > sizeof ret->buffer)
        return false;
    memcpy(text, encrypted, length);
    memcpy(text + length, name->name, name->size);
    ret->buffer[0] = 0;
    ret->buffer[1] = HASH;
    memcpy(ret->buffer + mac, encrypted, length);
    ret->size = (UINT16)(mac + length);
    return HMAC(EVP_sha256(), key, HASH, text, length + name->size,
                ret->buffer + 2, NULL) != NULL;
}

static enum ks_err
wrap_sensitive(struct workspace *work, const TPM2B_PUBLIC *parent,
               const TPM2B_NAME *name, struct tpm2_wrapped *ret,
               struct err_cause *cause)
{
    const struct tpm2_seed_use storage = {"STORAGE", name};
    const struct tpm2_seed_use integrity = {"INTEGRITY", NULL};
    uint8_t encrypted[sizeof work->marshalled];
    size_t length = 0;
    size_t key_length = 0;
    const EVP_CIPHER *cipher = cipher_of(parent, &key_length);
    enum ks_err rc;

    if (cipher == NULL ||
        Tss2_MU_TPM2B_SENSITIVE_Marshal(&work->sensitive, work->marshalled,
                                        sizeof work->marshalled,
                                        &length) != TSS2_RC_SUCCESS)
        return err_set(cause, KS_ERR_INTERNAL, "private area");
    rc = tpm2_seed_new(parent, "DUPLICATE", work->seed, &ret->seed, cause);
    if (rc == KS_OK)
        rc = tpm2_seed_derive(work->seed, &storage, work->cipher_key,
                              key_length, cause);
    if (rc == KS_OK)
        rc = tpm2_seed_derive(work->seed, &integrity, work->hmac_key, HASH,
                              cause);
    if (rc != KS_OK)
        return rc;
    if (!encrypt(cipher, work->cipher_key, work->marshalled, length,
                 encrypted) ||
        !seal(work->hmac_key, encrypted, length, name, &ret->duplicate))
        return err_set_openssl(cause, KS_ERR_INTERNAL, "wrap the key");
    return KS_OK;
}

enum ks_err
tpm2_wrap(const TPM2B_PUBLIC *parent, const struct tpm2_plain *key,
          struct tpm2_wrapped *ret, struct err_cause *cause)
{
    struct workspace *work = OPENSSL_secure_zalloc(sizeof *work);
    enum ks_err rc;

    if (work == NULL)
        return err_set(cause, KS_ERR_MEMORY_LOCK, "private area");
    rc = fill_sensitive(&work->sensitive.sensitiveArea, key->material,
                        key->auth, cause);
    if (rc == KS_OK)
        rc = wrap_sensitive(work, parent, key->name, ret, cause);
    OPENSSL_secure_clear_free(work, sizeof *work);
    return rc;
}
