/* SPDX-License-Identifier: Apache-2.0 */
/* Reads strictly: an area that could be written in two ways would have two
 * Names for one key. */
#include "tests/vault/attestation/area.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/service/encoding.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 4096
#define RSA_EXPONENT 65537 /* what 0 stands for (Part 2, 12.2.3.5) */
#define FIELD_MAX 48       /* P-384 */

/* An elliptic curve by its number in a TPM. */
struct curve {
    TPM2_ECC_CURVE number;
    const char *name; /* OpenSSL's */
    const char *algorithm;
    size_t field; /* bytes */
};
static const struct curve curves[] = {
    {TPM2_ECC_NIST_P256, "P-256", "P-256", 32},
    {TPM2_ECC_NIST_P384, "P-384", "P-384", 48}};

static const struct curve *
find_curve(TPM2_ECC_CURVE number)
{
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (curves[i].number == number)
            return &curves[i];
    return NULL;
}

const char *
area_digest(const struct area *area)
{
    switch (area->public.nameAlg) {
    case TPM2_ALG_SHA256:
        return "SHA256";
    case TPM2_ALG_SHA384:
        return "SHA384";
    default:
        return NULL;
    }
}

const char *
area_algorithm(const struct area *area)
{
    if (area->public.type == TPM2_ALG_RSA)
        return area->public.parameters.rsaDetail.keyBits == 2048 ? "RSA-2048"
                                                                 : "RSA";
    return find_curve(area->public.parameters.eccDetail.curveID)->algorithm;
}

/* The whole of the bytes, and the only way to write what they say. */
static bool
unmarshal(struct area *area)
{
    uint8_t again[sizeof(TPMT_PUBLIC)];
    size_t used = 0;
    size_t written = 0;

    return Tss2_MU_TPMT_PUBLIC_Unmarshal(area->bytes.bytes, area->bytes.length,
                                         &used, &area->public) == 0 &&
           used == area->bytes.length &&
           Tss2_MU_TPMT_PUBLIC_Marshal(&area->public, again, sizeof again,
                                       &written) == 0 &&
           written == used && memcmp(again, area->bytes.bytes, used) == 0;
}

static EVP_PKEY *
make_key(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (params == NULL || context == NULL ||
        EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return key;
}

static const char *
read_rsa(struct area *area)
{
    const TPM2B_PUBLIC_KEY_RSA *modulus = &area->public.unique.rsa;
    const TPMS_RSA_PARMS *rsa = &area->public.parameters.rsaDetail;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus->buffer, modulus->size, NULL);

    if (rsa->keyBits >= RSA_BITS_MIN && rsa->keyBits <= RSA_BITS_MAX &&
        n != NULL && build != NULL && BN_num_bits(n) == rsa->keyBits &&
        modulus->size * 8 == rsa->keyBits && BN_is_odd(n) &&
        (rsa->exponent == 0 || rsa->exponent == RSA_EXPONENT) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, RSA_EXPONENT) ==
            1)
        area->key = make_key("RSA", build);
    BN_free(n);
    OSSL_PARAM_BLD_free(build);
    return area->key != NULL ? NULL : "has no RSA key of 2048 to 4096 bits";
}

/* OpenSSL looks whether the point is on the curve. */
static const char *
read_ecc(struct area *area)
{
    const struct curve *curve = find_curve(
        area->public.parameters.eccDetail.curveID);
    const TPMS_ECC_POINT *point = &area->public.unique.ecc;
    uint8_t octets[1 + 2 * FIELD_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
    OSSL_PARAM_BLD *build;

    if (curve == NULL)
        return "is on another curve than P-256 and P-384";
    if (point->x.size > curve->field || point->y.size > curve->field)
        return "has no point of its curve";
    memcpy(octets + 1 + curve->field - point->x.size, point->x.buffer,
           point->x.size);
    memcpy(octets + 1 + 2 * curve->field - point->y.size, point->y.buffer,
           point->y.size);
    build = OSSL_PARAM_BLD_new();
    if (build != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
                                        curve->name, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, octets,
                                         1 + 2 * curve->field) == 1)
        area->key = make_key("EC", build);
    OSSL_PARAM_BLD_free(build);
    return area->key != NULL ? NULL : "has no point of its curve";
}

/* What is computed over the area and over its key. */
static bool
name(struct area *area)
{
    size_t length = 0;
    unsigned char *spki = NULL;
    int spki_length = i2d_PUBKEY(area->key, &spki);

    area->name[0] = (uint8_t)(area->public.nameAlg >> 8);
    area->name[1] = (uint8_t)(area->public.nameAlg & 0xff);
    area->spki = spki;
    area->spki_length = spki_length > 0 ? (size_t)spki_length : 0;
    if (area->spki_length == 0 ||
        EVP_Q_digest(NULL, area_digest(area), NULL, area->bytes.bytes,
                     area->bytes.length, area->name + 2, &length) != 1)
        return false;
    area->name_length = 2 + length;
    return encoding_hash(area->spki, area->spki_length, area->sha256);
}

const char *
area_read(struct member *bytes, struct area *ret)
{
    const char *why;

    *ret = (struct area){.bytes = *bytes};
    *bytes = (struct member){0};
    if (ret->bytes.bytes == NULL || !unmarshal(ret))
        return "is not one TPMT_PUBLIC";
    if (area_digest(ret) == NULL)
        return "is named by another hash than SHA-256 and SHA-384";
    if (ret->public.type == TPM2_ALG_RSA)
        why = read_rsa(ret);
    else if (ret->public.type == TPM2_ALG_ECC)
        why = read_ecc(ret);
    else
        return "is of another kind than RSA and ECC";
    if (why == NULL && !name(ret))
        why = "cannot be hashed";
    return why;
}

void
area_free(struct area *area)
{
    member_free(&area->bytes);
    EVP_PKEY_free(area->key);
    OPENSSL_free(area->spki);
    *area = (struct area){0};
}

bool
area_has_name(const struct area *area, const TPM2B_NAME *name)
{
    return name->size == area->name_length &&
           CRYPTO_memcmp(name->name, area->name, name->size) == 0;
}
