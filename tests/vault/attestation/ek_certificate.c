/* SPDX-License-Identifier: Apache-2.0 */
/* Values are taken in their order, and what is not needed is passed over as a
 * whole: nothing in it can go wrong. */
#include "tests/vault/attestation/ek_certificate.h"

#include <openssl/evp.h>

#include "tests/vault/attestation/ek_extension.h"
#include "tests/vault/attestation/ek_signature.h"
#include "tests/vault/attestation/public_key.h"

/* --- the key --- */

static const uint8_t oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1};
static const uint8_t oid_p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7};
static const uint8_t oid_p384[] = {0x2b, 0x81, 4, 0, 0x22};

/* rsaEncryption; and rsaesOaep (RFC 4055, 4), as some makers have it: the key
 * is written in the same way, and OpenSSL would not read it. */
static bool
is_rsa(struct tlv_bytes oid)
{
    static const uint8_t encryption[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                         0x0d, 1,    1,    1};
    static const uint8_t oaep[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 7};

    return TLV_IS(oid, encryption) || TLV_IS(oid, oaep);
}

/* RSAPublicKey (RFC 8017, A.1.1), whose numbers have no sign, whatever their
 * first bit says. */
static EVP_PKEY *
read_rsa(struct tlv_bytes bits)
{
    struct tlv key;
    struct tlv n;
    struct tlv e;

    if (!tlv_take(&bits, TLV_SEQUENCE, &key) ||
        !tlv_take(&key.content, TLV_INTEGER, &n) ||
        !tlv_take(&key.content, TLV_INTEGER, &e))
        return NULL;
    return public_key_rsa(
        (struct public_number){n.content.at, n.content.length},
        (struct public_number){e.content.at, e.content.length});
}

static EVP_PKEY *
read_ec(struct tlv_bytes parameters, struct tlv_bytes bits)
{
    struct tlv curve;

    if (!tlv_take(&parameters, TLV_OID, &curve))
        return NULL;
    if (TLV_IS(curve.content, oid_p256))
        return public_key_ec("P-256", bits.at, bits.length);
    if (TLV_IS(curve.content, oid_p384))
        return public_key_ec("P-384", bits.at, bits.length);
    return NULL;
}

/* SubjectPublicKeyInfo's content. */
static EVP_PKEY *
read_key(struct tlv_bytes info)
{
    struct tlv algorithm;
    struct tlv oid;
    struct tlv key;
    struct tlv_bytes bits;

    if (!tlv_take(&info, TLV_SEQUENCE, &algorithm) ||
        !tlv_take(&algorithm.content, TLV_OID, &oid) ||
        !tlv_take(&info, TLV_BIT_STRING, &key) || !tlv_bits(&key, &bits))
        return NULL;
    if (is_rsa(oid.content))
        return read_rsa(bits);
    return TLV_IS(oid.content, oid_ec) ? read_ec(algorithm.content, bits)
                                       : NULL;
}

/* --- the certificate --- */

static bool
read_validity(struct tlv_bytes validity, struct ek_certificate *ret)
{
    struct tlv from;
    struct tlv to;

    return tlv_next(&validity, &from) && tlv_next(&validity, &to) &&
           tlv_time(&from, &ret->from) && tlv_time(&to, &ret->to);
}

/* Extensions, behind what else may be there. */
static const char *
read_extensions(struct tlv_bytes rest, struct ek_certificate *ret)
{
    struct tlv each;
    struct tlv extensions;

    while (tlv_next(&rest, &each)) {
        if (each.tag != TLV_CONTEXT(3))
            continue;
        if (!tlv_take(&each.content, TLV_SEQUENCE, &extensions))
            return "has extensions that cannot be read";
        return ek_extension_read(extensions.content, ret);
    }
    return rest.length == 0 ? NULL : "has extensions that cannot be read";
}

/* TBSCertificate's content (RFC 5280, 4.1.2).  ALGORITHM is what stands beside
 * the signature, and nobody has signed it: it has to be the same. */
static const char *
read_tbs(struct tlv_bytes tbs, struct tlv_bytes algorithm,
         struct ek_certificate *ret)
{
    struct tlv version;
    struct tlv each;
    const char *why;

    (void)tlv_take(&tbs, TLV_CONTEXT(0), &version);
    if (!tlv_take(&tbs, TLV_INTEGER, &each))
        return "has no serial number";
    if (!tlv_take(&tbs, TLV_SEQUENCE, &each))
        return "names no signature algorithm";
    if (!tlv_is(each.whole, algorithm.at, algorithm.length))
        return "names two signature algorithms";
    why = ek_signature_read(each.content, &ret->signature);
    if (why != NULL)
        return why;
    if (!tlv_take(&tbs, TLV_SEQUENCE, &each))
        return "names no issuer";
    ret->issuer = each.whole;
    if (!tlv_take(&tbs, TLV_SEQUENCE, &each) ||
        !read_validity(each.content, ret))
        return "does not say when it is valid";
    if (!tlv_take(&tbs, TLV_SEQUENCE, &each) ||
        !tlv_take(&tbs, TLV_SEQUENCE, &each))
        return "has no key";
    ret->key = read_key(each.content);
    if (ret->key == NULL)
        return "has no key that an EK can be";
    return read_extensions(tbs, ret);
}

const char *
ek_certificate_read(const uint8_t *bytes, size_t length,
                    struct ek_certificate *ret)
{
    struct tlv_bytes all = {bytes, length};
    struct tlv certificate;
    struct tlv tbs;
    struct tlv algorithm;
    struct tlv signature;

    *ret = (struct ek_certificate){.key = NULL};
    /* What is behind it is the NV index's padding. */
    if (!tlv_take(&all, TLV_SEQUENCE, &certificate) ||
        !tlv_take(&certificate.content, TLV_SEQUENCE, &tbs) ||
        !tlv_take(&certificate.content, TLV_SEQUENCE, &algorithm) ||
        !tlv_take(&certificate.content, TLV_BIT_STRING, &signature) ||
        !tlv_bits(&signature, &ret->signature.value) ||
        certificate.content.length != 0)
        return "is no certificate, or cut off";
    ret->tbs = tbs.whole;
    return read_tbs(tbs.content, algorithm.whole, ret);
}

void
ek_certificate_free(struct ek_certificate *certificate)
{
    EVP_PKEY_free(certificate->key);
    *certificate = (struct ek_certificate){.key = NULL};
}
