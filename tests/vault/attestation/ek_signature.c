/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-1 has been broken for certificates (a chosen prefix costs thousands of
 * dollars), so that an issuer's old signature could be moved to a forged EK. */
#include "tests/vault/attestation/ek_signature.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#define SALT_DEFAULT 20   /* RFC 4055, 3.1 */
#define SALT_MAX 64       /* SHA-512's */
#define NUMBER_MAX 66     /* bytes, of P-521 */
#define SIGNATURE_DER 144 /* ECDSA-Sig-Value of P-521, the longest */

struct algorithm {
    uint8_t oid[9];
    size_t length;
    const char *digest;
    bool is_rsa;
};
static const struct algorithm algorithms[] = {
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11}, 9, "SHA256", true},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12}, 9, "SHA384", true},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13}, 9, "SHA512", true},
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2}, 8, "SHA256", false},
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3}, 8, "SHA384", false},
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4}, 8, "SHA512", false}};

static const uint8_t oid_pss[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10};
static const uint8_t oid_mgf1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8};
static const uint8_t oid_sha1_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                       0x0d, 1,    1,    5};
static const uint8_t oid_sha1_ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1};

/* The hash that an AlgorithmIdentifier names; NULL for another. */
static const char *
find_digest(struct tlv_bytes identifier)
{
    static const uint8_t oid[] = {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2};
    static const char *const names[] = {"SHA256", "SHA384", "SHA512"};
    struct tlv is;

    if (!tlv_take(&identifier, TLV_OID, &is) ||
        is.content.length != sizeof oid + 1 ||
        !tlv_is((struct tlv_bytes){is.content.at, sizeof oid}, oid, sizeof oid))
        return NULL;
    switch (is.content.at[sizeof oid]) {
    case 1:
        return names[0];
    case 2:
        return names[1];
    case 3:
        return names[2];
    default:
        return NULL;
    }
}

/* An explicitly tagged value of TAG within [N]. */
static bool
take_explicit(struct tlv_bytes *from, uint8_t n, uint8_t tag,
              struct tlv_bytes *ret)
{
    struct tlv outside;
    struct tlv inside;

    if (!tlv_take(from, TLV_CONTEXT(n), &outside) ||
        !tlv_take(&outside.content, tag, &inside))
        return false;
    *ret = inside.content;
    return true;
}

/* MGF1 with the same hash: RSASSA-PSS-params allows another, and nobody has
 * it. */
static bool
is_mgf1(struct tlv_bytes identifier, const char *digest)
{
    struct tlv oid;
    struct tlv hash;

    return tlv_take(&identifier, TLV_OID, &oid) &&
           TLV_IS(oid.content, oid_mgf1) &&
           tlv_take(&identifier, TLV_SEQUENCE, &hash) &&
           find_digest(hash.content) == digest;
}

/* RFC 4055, 3.1.  All defaults are SHA-1's. */
static const char *
read_pss(struct tlv_bytes algorithm, struct ek_signature *ret)
{
    static const char why[] = "is signed by RSASSA-PSS with other hashes than "
                              "SHA-256, SHA-384 and SHA-512";
    struct tlv params;
    struct tlv_bytes hash;
    struct tlv_bytes mask;
    struct tlv_bytes salt;

    ret->is_rsa = ret->is_pss = true;
    ret->salt = SALT_DEFAULT;
    if (!tlv_take(&algorithm, TLV_SEQUENCE, &params) ||
        !take_explicit(&params.content, 0, TLV_SEQUENCE, &hash))
        return why;
    ret->digest = find_digest(hash);
    if (ret->digest == NULL ||
        !take_explicit(&params.content, 1, TLV_SEQUENCE, &mask) ||
        !is_mgf1(mask, ret->digest))
        return why;
    if (take_explicit(&params.content, 2, TLV_INTEGER, &salt)) {
        if (salt.length != 1 || salt.at[0] > SALT_MAX)
            return "is signed by RSASSA-PSS with an odd length of salt";
        ret->salt = salt.at[0];
    }
    return NULL;
}

const char *
ek_signature_read(struct tlv_bytes algorithm, struct ek_signature *ret)
{
    struct tlv oid;

    if (!tlv_take(&algorithm, TLV_OID, &oid))
        return "names no signature algorithm";
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (tlv_is(oid.content, algorithms[i].oid, algorithms[i].length)) {
            ret->digest = algorithms[i].digest;
            ret->is_rsa = algorithms[i].is_rsa;
            return NULL;
        }
    if (TLV_IS(oid.content, oid_pss))
        return read_pss(algorithm, ret);
    if (TLV_IS(oid.content, oid_sha1_rsa) ||
        TLV_IS(oid.content, oid_sha1_ecdsa))
        return "is signed with SHA-1, for which certificates can be forged";
    return "is signed by an algorithm that the vault does not know";
}

/* ECDSA-Sig-Value as OpenSSL wants it, which takes no number with a sign;
 * the length, or 0. */
static size_t
rewrite(struct tlv_bytes value, uint8_t ret[static SIGNATURE_DER])
{
    ECDSA_SIG *both = ECDSA_SIG_new();
    BIGNUM *numbers[2] = {NULL, NULL};
    struct tlv sequence;
    int length = 0;

    if (tlv_take(&value, TLV_SEQUENCE, &sequence))
        for (unsigned i = 0; i < 2; i++) {
            struct tlv integer;
            if (!tlv_take(&sequence.content, TLV_INTEGER, &integer))
                break;
            if (integer.content.length <= NUMBER_MAX)
                numbers[i] = BN_bin2bn(integer.content.at,
                                       (int)integer.content.length, NULL);
        }
    if (both != NULL && numbers[0] != NULL && numbers[1] != NULL &&
        ECDSA_SIG_set0(both, numbers[0], numbers[1]) == 1) {
        numbers[0] = numbers[1] = NULL;
        length = i2d_ECDSA_SIG(both, &ret);
    }
    BN_free(numbers[0]);
    BN_free(numbers[1]);
    ECDSA_SIG_free(both);
    return length > 0 ? (size_t)length : 0;
}

/* The padding, behind EVP_DigestVerifyInit_ex(). */
static bool
set_padding(EVP_PKEY_CTX *context, const struct ek_signature *signature)
{
    if (!signature->is_pss)
        return true;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, signature->salt) == 1;
}

bool
ek_certificate_is_signed_by(const struct ek_certificate *certificate,
                            EVP_PKEY *issuer)
{
    const struct ek_signature *signature = &certificate->signature;
    struct tlv_bytes value = signature->value;
    EVP_PKEY_CTX *context = NULL;
    uint8_t der[SIGNATURE_DER];
    EVP_MD_CTX *digest;
    bool good;

    if (EVP_PKEY_is_a(issuer, signature->is_rsa ? "RSA" : "EC") != 1)
        return false;
    if (!signature->is_rsa)
        value = (struct tlv_bytes){der, rewrite(value, der)};
    digest = EVP_MD_CTX_new();
    good = digest != NULL && value.length > 0 &&
           EVP_DigestVerifyInit_ex(digest, &context, signature->digest, NULL,
                                   NULL, issuer, NULL) == 1 &&
           set_padding(context, signature) &&
           EVP_DigestVerify(digest, value.at, value.length, certificate->tbs.at,
                            certificate->tbs.length) == 1;
    EVP_MD_CTX_free(digest);
    return good;
}
