/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TPM2_MakeCredential without a TPM (TPM 2.0 Part 1, 24): a secret encrypted
 * with a seed that only the EK decrypts, bound to the AK's Name by an HMAC.
 * A TPM's key derivations are OpenSSL's: KDFa (Part 1, 11.4.10.2) is KBKDF in
 * counter mode (SP 800-108), KDFe (11.4.10.3) is SSKDF (SP 800-56C).
 */
#include "tests/vault/attestation/offer.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "tests/vault/service/encoding.h"

#define DIGEST_MAX 48    /* SHA-384 */
#define FIELD_MAX 48     /* P-384 */
#define LABEL "IDENTITY" /* with its NUL */
#define BLOB_MAX 512 /* 8 + 2 + 34 + 34 + 2 + 256 of RSA-2048, less of ECC */
#define IV 16        /* a block of AES */

/* Bytes, written one behind the other. */
struct blob {
    uint8_t bytes[BLOB_MAX];
    size_t length;
};

static void
put(struct blob *blob, const void *bytes, size_t length)
{
    memcpy(blob->bytes + blob->length, bytes, length);
    blob->length += length;
}

static void
put_number(struct blob *blob, size_t number)
{
    const uint8_t bytes[2] = {(uint8_t)(number >> 8), (uint8_t)number};

    put(blob, bytes, sizeof bytes);
}

/* Either derivation, into RET of LENGTH bytes. */
static bool
derive(const char *kdf_name, const OSSL_PARAM *params, uint8_t *ret,
       size_t length)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
    EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    bool done = context != NULL &&
                EVP_KDF_derive(context, ret, length, params) == 1;

    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return done;
}

/* OpenSSL takes parameters that it only reads as pointers to what may be
 * written. */
static OSSL_PARAM
octets(const char *key, const void *bytes, size_t length)
{
    union {
        const void *read;
        void *pass;
    } pointer = {bytes};

    return OSSL_PARAM_construct_octet_string(key, pointer.pass, length);
}

static OSSL_PARAM
text(const char *key, const char *value)
{
    union {
        const char *read;
        char *pass;
    } pointer = {value};

    return OSSL_PARAM_construct_utf8_string(key, pointer.pass, 0);
}

/* How the EK's template wants it. */
struct suite {
    const char *digest;
    size_t digest_length;
    const char *cipher;
    size_t key_length;
};

static struct suite
suite_of(const struct area *ek)
{
    return ek->public.nameAlg == TPM2_ALG_SHA384
               ? (struct suite){"SHA384", 48, "AES-256-CFB", 32}
               : (struct suite){"SHA256", 32, "AES-128-CFB", 16};
}

/* KDFa with LABEL over SEED, and CONTEXT, which may be empty. */
static bool
kdfa(const struct suite *suite, const uint8_t *seed, const char *label,
     const struct blob *context, struct blob *ret)
{
    OSSL_PARAM params[] = {
        text(OSSL_KDF_PARAM_MODE, "counter"),
        text(OSSL_KDF_PARAM_MAC, "HMAC"),
        text(OSSL_KDF_PARAM_DIGEST, suite->digest),
        octets(OSSL_KDF_PARAM_KEY, seed, suite->digest_length),
        octets(OSSL_KDF_PARAM_SALT, label, strlen(label)),
        octets(OSSL_KDF_PARAM_INFO, context->bytes, context->length),
        OSSL_PARAM_END};

    return derive("KBKDF", params, ret->bytes, ret->length);
}

/* RSA: a random seed, encrypted with the EK (Part 1, B.10.4). */
static bool
seed_by_rsa(const struct suite *suite, const struct area *ek, uint8_t *ret_seed,
            struct blob *secret)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(ek->key, NULL);
    size_t length = sizeof secret->bytes;
    char *label = OPENSSL_strdup(LABEL);
    bool done =
        context != NULL && label != NULL &&
        RAND_bytes(ret_seed, (int)suite->digest_length) == 1 &&
        EVP_PKEY_encrypt_init(context) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
        EVP_PKEY_CTX_set_rsa_oaep_md_name(context, suite->digest, NULL) == 1 &&
        EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, sizeof LABEL) == 1;

    /* The context owns the label from there on. */
    if (!done)
        OPENSSL_free(label);
    done = done && EVP_PKEY_encrypt(context, secret->bytes, &length, ret_seed,
                                    suite->digest_length) == 1;
    secret->length = done ? length : 0;
    EVP_PKEY_CTX_free(context);
    return done;
}

/* ECDH: the x of the point that both sides know, padded as a TPM has it. */
static bool
agree(EVP_PKEY *ours, EVP_PKEY *theirs, uint8_t ret[static FIELD_MAX],
      size_t *ret_length)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(ours, NULL);
    bool done = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
                EVP_PKEY_derive_set_peer(context, theirs) == 1;

    *ret_length = FIELD_MAX;
    done = done && EVP_PKEY_derive(context, ret, ret_length) == 1;
    EVP_PKEY_CTX_free(context);
    return done;
}

/* KDFe over Z: a label, and the x of the ephemeral key and of the EK. */
static bool
kdfe(const struct suite *suite, const struct blob *z, const struct blob *info,
     uint8_t *ret)
{
    OSSL_PARAM params[] = {
        text(OSSL_KDF_PARAM_DIGEST, suite->digest),
        octets(OSSL_KDF_PARAM_KEY, z->bytes, z->length),
        octets(OSSL_KDF_PARAM_INFO, info->bytes, info->length), OSSL_PARAM_END};

    return derive("SSKDF", params, ret, suite->digest_length);
}

/* ECC: an ephemeral key agrees on the seed (Part 1, C.6.4), and its point is
 * sent as TPMS_ECC_POINT. */
static bool
seed_by_ecc(const struct suite *suite, const struct area *ek, uint8_t *ret_seed,
            struct blob *secret)
{
    const TPM2B_ECC_PARAMETER *x = &ek->public.unique.ecc.x;
    EVP_PKEY *ours = EVP_EC_gen(area_algorithm(ek));
    uint8_t point[1 + 2 * FIELD_MAX];
    size_t length = 0;
    struct blob info = {.length = 0};
    struct blob z = {.length = 0};
    bool done = ours != NULL &&
                EVP_PKEY_get_octet_string_param(ours, OSSL_PKEY_PARAM_PUB_KEY,
                                                point, sizeof point,
                                                &length) == 1 &&
                agree(ours, ek->key, z.bytes, &z.length);
    size_t field = length / 2;

    if (done) {
        put(&info, LABEL, sizeof LABEL);
        put(&info, point + 1, field);
        put(&info, x->buffer, x->size);
        put_number(secret, field);
        put(secret, point + 1, field);
        put_number(secret, field);
        put(secret, point + 1 + field, field);
        done = kdfe(suite, &z, &info, ret_seed);
    }
    OPENSSL_cleanse(&z, sizeof z);
    EVP_PKEY_free(ours);
    return done;
}

/* TPM2B_DIGEST of the secret, encrypted. */
static bool
encrypt(const struct suite *suite, const struct blob *key,
        const uint8_t secret[static ATTESTATION_SECRET], struct blob *ret)
{
    static const uint8_t iv[IV] = {0};
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, suite->cipher, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    struct blob plain = {.length = 0};
    int length = 0;
    bool done;

    put_number(&plain, ATTESTATION_SECRET);
    put(&plain, secret, ATTESTATION_SECRET);
    done = cipher != NULL && context != NULL &&
           EVP_EncryptInit_ex2(context, cipher, key->bytes, iv, NULL) == 1 &&
           EVP_EncryptUpdate(context, ret->bytes, &length, plain.bytes,
                             (int)plain.length) == 1;
    ret->length = done ? (size_t)length : 0;
    OPENSSL_cleanse(&plain, sizeof plain);
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return done;
}

/* TPM2B_ID_OBJECT behind what FILE has: an HMAC over what is encrypted and the
 * AK's Name, then what is encrypted. */
static bool
seal(const struct attestation_offer *offer, const uint8_t *seed,
     const uint8_t secret[static ATTESTATION_SECRET], struct blob *file)
{
    struct suite suite = suite_of(&offer->ek);
    struct blob name = {.length = 0};
    struct blob none = {.length = 0};
    struct blob storage = {.length = suite.key_length};
    struct blob integrity = {.length = suite.digest_length};
    struct blob identity = {.length = 0};
    struct blob covered;
    uint8_t mac[DIGEST_MAX];
    bool done;

    put(&name, offer->ak.name, offer->ak.name_length);
    done = kdfa(&suite, seed, "STORAGE", &name, &storage) &&
           kdfa(&suite, seed, "INTEGRITY", &none, &integrity) &&
           encrypt(&suite, &storage, secret, &identity);
    covered = identity;
    put(&covered, name.bytes, name.length);
    done = done && EVP_Q_mac(NULL, "HMAC", NULL, suite.digest, NULL,
                             integrity.bytes, integrity.length, covered.bytes,
                             covered.length, mac, sizeof mac, NULL) != NULL;
    if (done) {
        put_number(file, 2 + suite.digest_length + identity.length);
        put_number(file, suite.digest_length);
        put(file, mac, suite.digest_length);
        put(file, identity.bytes, identity.length);
    }
    OPENSSL_cleanse(&storage, sizeof storage);
    OPENSSL_cleanse(&integrity, sizeof integrity);
    return done;
}

char *
attestation_challenge(const struct attestation_offer *offer,
                      const uint8_t secret[static ATTESTATION_SECRET])
{
    static const uint8_t head[] = {0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1};
    struct suite suite = suite_of(&offer->ek);
    struct blob file = {.length = 0};
    struct blob encrypted = {.length = 0};
    uint8_t seed[DIGEST_MAX];
    bool done = offer->ek.public.type == TPM2_ALG_RSA
                    ? seed_by_rsa(&suite, &offer->ek, seed, &encrypted)
                    : seed_by_ecc(&suite, &offer->ek, seed, &encrypted);

    put(&file, head, sizeof head);
    done = done && seal(offer, seed, secret, &file);
    OPENSSL_cleanse(seed, sizeof seed);
    if (!done)
        return NULL;
    put_number(&file, encrypted.length);
    put(&file, encrypted.bytes, encrypted.length);
    return encoding_base64url(file.bytes, file.length);
}
