/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vault/attestation/tests/mint_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

void
mint_put(struct mint_out *out, const void *bytes, size_t length)
{
    assert_true(out->length + length <= sizeof out->bytes);
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

void
mint_put_tlv(struct mint_out *out, uint8_t tag, const void *bytes,
             size_t length)
{
    const uint8_t head[] = {tag, 0x83, (uint8_t)(length >> 16),
                            (uint8_t)(length >> 8), (uint8_t)length};

    mint_put(out, head, 1);
    if ((out->odd & MINT_LONG_LENGTHS) != 0)
        mint_put(out, head + 1, 4);
    else if (length < 0x80)
        mint_put(out, head + 4, 1);
    else {
        const uint8_t two[] = {0x82};

        mint_put(out, two, 1);
        mint_put(out, head + 3, 2);
    }
    mint_put(out, bytes, length);
}

void
mint_put_in(struct mint_out *out, uint8_t tag, const struct mint_out *content)
{
    mint_put_tlv(out, tag, content->bytes, content->length);
}

struct mint_out
mint_empty(const struct mint_out *like)
{
    return (struct mint_out){.length = 0, .odd = like->odd};
}

void
mint_put_number(struct mint_out *out, const BIGNUM *number)
{
    uint8_t bytes[4 + 1 + 512] = {0};
    size_t zeros = 1;
    int length = BN_bn2bin(number, bytes + 5);

    if ((out->odd & MINT_ZEROS) != 0)
        zeros = 5;
    else if ((out->odd & MINT_UNPADDED) != 0 || (bytes[5] & 0x80) == 0)
        zeros = 0;
    mint_put_tlv(out, 0x02, bytes + 5 - zeros, (size_t)length + zeros);
}

void
mint_put_boolean(struct mint_out *out, bool value)
{
    const uint8_t byte[] = {(out->odd & MINT_TRUE_IS_ONE) != 0 && value ? 1
                            : value                                     ? 0xff
                                                                        : 0};

    mint_put_tlv(out, 0x01, byte, 1);
}

/* --- algorithms --- */

static void
put_hash(struct mint_out *out, bool sha1)
{
    struct mint_out hash = mint_empty(out);

    if (sha1)
        MINT_OID(&hash, 0x2b, 14, 3, 2, 26);
    else
        MINT_OID(&hash, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1);
    mint_put_tlv(&hash, 0x05, "", 0);
    mint_put_in(out, 0x30, &hash);
}

static void
put_pss(struct mint_out *out, bool sha1)
{
    struct mint_out params = mint_empty(out);
    struct mint_out each = mint_empty(out);
    struct mint_out mask = mint_empty(out);
    const uint8_t salt[] = {32};

    MINT_OID(out, MINT_PKCS1(10));
    put_hash(&each, sha1);
    mint_put_in(&params, 0xa0, &each);
    MINT_OID(&mask, MINT_PKCS1(8));
    put_hash(&mask, sha1);
    each = mint_empty(out);
    mint_put_in(&each, 0x30, &mask);
    mint_put_in(&params, 0xa1, &each);
    each = mint_empty(out);
    mint_put_tlv(&each, 0x02, salt, 1);
    mint_put_in(&params, 0xa2, &each);
    mint_put_in(out, 0x30, &params);
}

void
mint_put_algorithm(struct mint_out *out, const struct mint *as,
                   enum mint_signature by)
{
    struct mint_out is = mint_empty(out);
    bool rsa = EVP_PKEY_is_a(as->issuer_key, "RSA") == 1;

    switch (by) {
    case MINT_SHA256:
    case MINT_SHA384:
        if (rsa)
            MINT_OID(&is, MINT_PKCS1(by == MINT_SHA256 ? 11 : 12));
        else
            MINT_OID(&is, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3,
                     by == MINT_SHA256 ? 2 : 3);
        break;
    case MINT_SHA1:
        if (rsa)
            MINT_OID(&is, MINT_PKCS1(5));
        else
            MINT_OID(&is, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1);
        break;
    case MINT_PSS:
    case MINT_PSS_SHA1:
        put_pss(&is, by == MINT_PSS_SHA1);
        break;
    case MINT_NONE:
        MINT_OID(&is, 0x2a, 3, 4);
        break;
    }
    mint_put_in(out, 0x30, &is);
}

/* --- signature --- */

/* OpenSSL's ECDSA-Sig-Value, written as the rest is. */
static void
rewrite(struct mint_out *signature)
{
    const uint8_t *at = signature->bytes;
    ECDSA_SIG *both = d2i_ECDSA_SIG(NULL, &at, (long)signature->length);
    struct mint_out content = mint_empty(signature);

    assert_non_null(both);
    mint_put_number(&content, ECDSA_SIG_get0_r(both));
    mint_put_number(&content, ECDSA_SIG_get0_s(both));
    ECDSA_SIG_free(both);
    signature->length = 0;
    mint_put_in(signature, 0x30, &content);
}

void
mint_put_signature(struct mint_out *out, const struct mint *as,
                   const struct mint_out *tbs)
{
    static const char *const digests[] = {"SHA256", "SHA384", "SHA1",
                                          "SHA256", "SHA1",   "SHA256"};
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    struct mint_out signature = mint_empty(out);
    struct mint_out bits = mint_empty(out);
    size_t length = sizeof signature.bytes;

    assert_int_equal(EVP_DigestSignInit_ex(context, &how,
                                           digests[as->signature], NULL, NULL,
                                           as->issuer_key, NULL),
                     1);
    if (as->signature == MINT_PSS || as->signature == MINT_PSS_SHA1) {
        assert_int_equal(
            EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, 32), 1);
    }
    assert_int_equal(EVP_DigestSign(context, signature.bytes, &length,
                                    tbs->bytes, tbs->length),
                     1);
    signature.length = length;
    EVP_MD_CTX_free(context);
    if (EVP_PKEY_is_a(as->issuer_key, "EC") == 1)
        rewrite(&signature);
    mint_put(&bits, "", 1);
    mint_put(&bits, signature.bytes, signature.length);
    mint_put_in(out, 0x03, &bits);
}
