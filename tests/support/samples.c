/* SPDX-License-Identifier: Apache-2.0 */
/* Sample keys and the verification of signatures.  Shares no code with the
 * stores: here OpenSSL digests, encodes and verifies by itself. */
#include "tests/support/samples.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/vault/service/rsa_key.h"

static struct sample samples[] = {
    [RSA_2048] = {.name = "RSA-2048", .type = MATERIAL_RSA, .bits = 2048},
    [RSA_3072] = {.name = "RSA-3072", .type = MATERIAL_RSA, .bits = 3072},
    [RSA_4096] = {.name = "RSA-4096", .type = MATERIAL_RSA, .bits = 4096},
    [P_256] = {.name = "P-256", .type = MATERIAL_P256, .bits = 256},
    [P_384] = {.name = "P-384", .type = MATERIAL_P384, .bits = 384},
    [P_256_OTHER] = {.name = "P-256", .type = MATERIAL_P256, .bits = 256},
};

_Static_assert(sizeof samples / sizeof samples[0] == SAMPLE__MAX,
               "every sample has its row");

static const struct {
    const char *name;
    const char *digest;
    const char *key;
    int bits; /* 0: any */
} schemes[] = {
    [KEYSTORE_RS256] = {"RS256", "SHA256", "RSA", 0},
    [KEYSTORE_PS256] = {"PS256", "SHA256", "RSA", 0},
    [KEYSTORE_ES256] = {"ES256", "SHA256", "EC", 256},
    [KEYSTORE_ES384] = {"ES384", "SHA384", "EC", 384},
};

_Static_assert(sizeof schemes / sizeof schemes[0] == KEYSTORE_SCHEME__MAX,
               "every scheme has its row");

static int
encode(EVP_PKEY *key, struct sample *sample)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    uint8_t *public = NULL;
    int public_length = i2d_PUBKEY(key, &public);
    const uint8_t *p = public;
    uint8_t *end;
    int length = -1;

    if (info != NULL && secret_new(MATERIAL_MAX, &sample->pkcs8) == KS_OK) {
        end = secret_space(sample->pkcs8);
        length = i2d_PKCS8_PRIV_KEY_INFO(info, &end);
    }
    if (length > 0) {
        secret_set_length(sample->pkcs8, (size_t)length);
        sample->public = d2i_PUBKEY(NULL, &p, public_length);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    OPENSSL_free(public);
    return sample->public != NULL ? 0 : -1;
}

static int
make(struct sample *sample)
{
    struct err_cause cause = {.text = ""};
    EVP_PKEY *key = sample->type == MATERIAL_RSA ? rsa_key_make(sample->bits)
                                                 : EVP_EC_gen(sample->name);
    int rc = key != NULL ? encode(key, sample) : -1;

    EVP_PKEY_free(key);
    if (rc == 0 && material_parse(secret_bytes(sample->pkcs8),
                                  secret_length(sample->pkcs8),
                                  &sample->material, &cause) != KS_OK)
        rc = -1;
    return rc;
}

int
sample_make(enum sample_name name)
{
    return make(&samples[name]);
}

void
samples_free(void)
{
    for (size_t i = 0; i < SAMPLE__MAX; i++) {
        EVP_PKEY_free(samples[i].public);
        samples[i].public = NULL;
        secret_free(&samples[i].pkcs8);
    }
}

const struct sample *
sample(enum sample_name name)
{
    return &samples[name];
}

bool
scheme_fits(enum keystore_scheme scheme, EVP_PKEY *public)
{
    return EVP_PKEY_is_a(public, schemes[scheme].key) == 1 &&
           (schemes[scheme].bits == 0 ||
            schemes[scheme].bits == EVP_PKEY_get_bits(public));
}

const char *
scheme_name(enum keystore_scheme scheme)
{
    return schemes[scheme].name;
}

/* r || s of LENGTH bytes in place of SIGNATURE as DER; 0 if it is none. */
static size_t
to_der(uint8_t *signature, size_t length, size_t size)
{
    ECDSA_SIG *parts = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, (int)(length / 2), NULL);
    BIGNUM *s = BN_bin2bn(signature + length / 2, (int)(length / 2), NULL);
    uint8_t *p = signature;
    int der = 0;

    if (parts != NULL && r != NULL && s != NULL && length % 2 == 0 &&
        ECDSA_SIG_set0(parts, r, s) == 1) {
        r = s = NULL; /* transferred */
        der = i2d_ECDSA_SIG(parts, NULL);
        der = der > 0 && (size_t)der <= size ? i2d_ECDSA_SIG(parts, &p) : 0;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(parts);
    return (size_t)der;
}

static bool
verify(EVP_PKEY *public, enum keystore_scheme scheme, const char *message,
       const uint8_t *signature, size_t length)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx = NULL;
    bool good =
        md != NULL &&
        EVP_DigestVerifyInit_ex(md, &ctx, schemes[scheme].digest, NULL, NULL,
                                public, NULL) == 1 &&
        (scheme != KEYSTORE_PS256 ||
         (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) == 1)) &&
        EVP_DigestVerify(md, signature, length, (const uint8_t *)message,
                         strlen(message)) == 1;

    EVP_MD_CTX_free(md);
    return good;
}

const char *
check_signature(struct keystore_key *key, EVP_PKEY *public,
                enum keystore_scheme scheme)
{
    static const char message[] = "a message nobody has signed before";
    struct err_cause cause = {.text = ""};
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    struct keystore_signature made;
    size_t bytes = ((size_t)EVP_PKEY_get_bits(public) + 7) / 8;
    size_t digest_length = 0;
    bool rsa = EVP_PKEY_is_a(public, "RSA") == 1;

    if (EVP_Q_digest(NULL, schemes[scheme].digest, NULL, message,
                     strlen(message), digest, &digest_length) != 1 ||
        digest_length != scheme_digest_length(scheme))
        return "the digest has another length than the scheme says";
    if (keystore_sign(key, scheme, digest, &made, &cause) != KS_OK)
        return "it does not sign";
    if (made.length != (rsa ? bytes : 2 * bytes))
        return "the signature has another length";
    if (!rsa)
        made.length = to_der(made.bytes, made.length, sizeof made.bytes);
    if (!verify(public, scheme, message, made.bytes, made.length))
        return "the signature does not verify";
    made.bytes[made.length - 1] ^= 1;
    return verify(public, scheme, message, made.bytes, made.length)
               ? "an altered signature verifies"
               : NULL;
}
