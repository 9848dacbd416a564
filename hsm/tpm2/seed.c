/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL has both derivations under other names: KDFa is its KBKDF, KDFe its
 * SSKDF. */
#include "hsm/tpm2/seed.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <tss2/tss2_mu.h>

#include "hsm/tpm2/public.h"

#define FIELD 32 /* bytes, of P-256 */
#define INFO_MAX 128

static enum ks_err
failed(struct err_cause *cause, const char *what)
{
    return err_set_openssl(cause, KS_ERR_INTERNAL, what);
}

static bool
derive(const char *name, const OSSL_PARAM *params, uint8_t *ret, size_t length)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    bool done = ctx != NULL && EVP_KDF_derive(ctx, ret, length, params) == 1;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return done;
}

static OSSL_PARAM
text_param(const char *name, const char *text)
{
    return OSSL_PARAM_construct_utf8_string(name, (char *)(uintptr_t)text, 0);
}

static OSSL_PARAM
bytes_param(const char *name, const void *bytes, size_t length)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes,
                                             length);
}

enum ks_err
tpm2_seed_derive(const uint8_t seed[static TPM2_SEED_LENGTH],
                 const struct tpm2_seed_use *use, uint8_t *ret, size_t length,
                 struct err_cause *cause)
{
    OSSL_PARAM params[] = {
        text_param(OSSL_KDF_PARAM_MODE, "counter"),
        text_param(OSSL_KDF_PARAM_MAC, "HMAC"),
        text_param(OSSL_KDF_PARAM_DIGEST, "SHA256"),
        bytes_param(OSSL_KDF_PARAM_KEY, seed, TPM2_SEED_LENGTH),
        bytes_param(OSSL_KDF_PARAM_SALT, use->label, strlen(use->label)),
        OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };

    if (use->context != NULL)
        params[5] = bytes_param(OSSL_KDF_PARAM_INFO, use->context->name,
                                use->context->size);
    return derive("KBKDF", params, ret, length) ? KS_OK
                                                : failed(cause, use->label);
}

/* KDFe (NIST SP 800-56A): of the shared point's x coordinate Z, and both
 * parties'. */
static bool
derive_shared(const uint8_t z[static FIELD], const char *label,
              const TPM2B_ECC_PARAMETER *ours,
              const TPM2B_ECC_PARAMETER *theirs, uint8_t *ret)
{
    uint8_t info[INFO_MAX];
    size_t length = strlen(label) + 1; /* with its NUL */
    OSSL_PARAM params[] = {
        text_param(OSSL_KDF_PARAM_DIGEST, "SHA256"),
        bytes_param(OSSL_KDF_PARAM_KEY, z, FIELD),
        OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };

    if (length + 2 * FIELD > sizeof info || theirs->size > FIELD)
        return false;
    memset(info, 0, sizeof info);
    memcpy(info, label, length);
    memcpy(info + length, ours->buffer, FIELD);
    memcpy(info + length + FIELD + FIELD - theirs->size, theirs->buffer,
           theirs->size);
    params[2] = bytes_param(OSSL_KDF_PARAM_INFO, info, length + 2 * FIELD);
    return derive("SSKDF", params, ret, TPM2_SEED_LENGTH);
}

static bool
agree(EVP_PKEY *ours, EVP_PKEY *theirs, uint8_t z[static FIELD])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ours, NULL);
    size_t length = FIELD;
    bool done = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
                EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
                EVP_PKEY_derive(ctx, z, &length) == 1 && length == FIELD;

    EVP_PKEY_CTX_free(ctx);
    return done;
}

/* An ephemeral key of ours; its public point is what the parent is told. */
static bool
seed_by_ec(const TPM2B_PUBLIC *parent, EVP_PKEY *key, const char *label,
           uint8_t *ret, TPM2B_ENCRYPTED_SECRET *ret_encrypted)
{
    uint8_t *z = OPENSSL_secure_zalloc(FIELD);
    EVP_PKEY *ephemeral = EVP_EC_gen("P-256");
    TPM2B_PUBLIC area;
    const TPMS_ECC_POINT *point = &area.publicArea.unique.ecc;
    size_t length = 0;
    bool done;

    tpm2_public_template(MATERIAL_P256, 0, false, false, &area);
    done = z != NULL && ephemeral != NULL &&
           tpm2_public_fill(&area, ephemeral, NULL) == KS_OK &&
           agree(ephemeral, key, z) &&
           derive_shared(z, label, &point->x, &parent->publicArea.unique.ecc.x,
                         ret) &&
           Tss2_MU_TPMS_ECC_POINT_Marshal(point, ret_encrypted->secret,
                                          sizeof ret_encrypted->secret,
                                          &length) == TSS2_RC_SUCCESS;
    ret_encrypted->size = (UINT16)length;
    OPENSSL_secure_clear_free(z, FIELD);
    EVP_PKEY_free(ephemeral);
    return done;
}

static bool
seed_by_rsa(EVP_PKEY *key, const char *label, uint8_t *ret,
            TPM2B_ENCRYPTED_SECRET *ret_encrypted)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t label_length = strlen(label) + 1; /* with its NUL */
    void *copy = OPENSSL_memdup(label, label_length);
    size_t length = sizeof ret_encrypted->secret;
    bool labelled =
        ctx != NULL && copy != NULL &&
        RAND_priv_bytes(ret, TPM2_SEED_LENGTH) == 1 &&
        EVP_PKEY_encrypt_init(ctx) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
        EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
        EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy, (int)label_length) == 1;
    bool done;

    if (!labelled)
        OPENSSL_free(copy);
    done = labelled && EVP_PKEY_encrypt(ctx, ret_encrypted->secret, &length,
                                        ret, TPM2_SEED_LENGTH) == 1;
    ret_encrypted->size = (UINT16)length;
    EVP_PKEY_CTX_free(ctx);
    return done;
}

enum ks_err
tpm2_seed_new(const TPM2B_PUBLIC *parent, const char *label,
              uint8_t ret[static TPM2_SEED_LENGTH],
              TPM2B_ENCRYPTED_SECRET *ret_encrypted, struct err_cause *cause)
{
    enum material_type type = 0;
    EVP_PKEY *key = NULL;
    bool done;
    enum ks_err rc = tpm2_public_read(parent, &type, &key, cause);

    if (rc != KS_OK)
        return rc;
    if (type == MATERIAL_RSA)
        done = seed_by_rsa(key, label, ret, ret_encrypted);
    else
        done = type == MATERIAL_P256 &&
               seed_by_ec(parent, key, label, ret, ret_encrypted);
    EVP_PKEY_free(key);
    return done ? KS_OK : failed(cause, "seed for the storage root key");
}
