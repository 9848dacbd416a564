/* SPDX-License-Identifier: Apache-2.0 */
/* An area has one spelling: tss2-mu reads each field as it stands, so that
 * there are no two Names for one area. */
#include "tests/vault/attestation/area.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/attestation/public_key.h"
#include "tests/vault/service/encoding.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 4096
#define RSA_EXPONENT 65537 /* what 0 stands for (Part 2, 12.2.3.5) */
#define FIELD_MAX 48       /* P-384 */

/* An elliptic curve by its number in a TPM. */
struct curve {
    TPM2_ECC_CURVE number;
    const char *name; /* OpenSSL's, and ours */
    size_t field;     /* bytes */
};
static const struct curve curves[] = {{TPM2_ECC_NIST_P256, "P-256", 32},
                                      {TPM2_ECC_NIST_P384, "P-384", 48}};

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
    return find_curve(area->public.parameters.eccDetail.curveID)->name;
}

/* The whole of the bytes: what is behind an area would change its Name. */
static bool
unmarshal(struct area *area)
{
    size_t used = 0;

    return Tss2_MU_TPMT_PUBLIC_Unmarshal(area->bytes.bytes, area->bytes.length,
                                         &used, &area->public) == 0 &&
           used == area->bytes.length;
}

/* The exponent is written as 0 by TPMs, and as itself by some TSSs. */
static const char *
read_rsa(struct area *area)
{
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    const TPM2B_PUBLIC_KEY_RSA *n = &area->public.unique.rsa;
    const TPMS_RSA_PARMS *rsa = &area->public.parameters.rsaDetail;

    if (rsa->keyBits >= RSA_BITS_MIN && rsa->keyBits <= RSA_BITS_MAX &&
        n->size * 8 == rsa->keyBits && n->buffer[0] >= 0x80 &&
        (rsa->exponent == 0 || rsa->exponent == RSA_EXPONENT))
        area->key = public_key_rsa(
            (struct public_number){n->buffer, n->size},
            (struct public_number){exponent, sizeof exponent});
    return area->key != NULL ? NULL : "has no RSA key of 2048 to 4096 bits";
}

/* Some TPMs leave out a coordinate's leading zeros, which a point has to have.
 */
static const char *
read_ecc(struct area *area)
{
    const struct curve *curve = find_curve(
        area->public.parameters.eccDetail.curveID);
    const TPM2B_ECC_PARAMETER *x = &area->public.unique.ecc.x;
    const TPM2B_ECC_PARAMETER *y = &area->public.unique.ecc.y;
    uint8_t octets[1 + 2 * FIELD_MAX] = {POINT_CONVERSION_UNCOMPRESSED};

    if (curve == NULL)
        return "is on another curve than P-256 and P-384";
    if (x->size > curve->field || y->size > curve->field)
        return "has no point of its curve";
    memcpy(octets + 1 + curve->field - x->size, x->buffer, x->size);
    memcpy(octets + 1 + 2 * curve->field - y->size, y->buffer, y->size);
    area->key = public_key_ec(curve->name, octets, 1 + 2 * curve->field);
    return area->key != NULL ? NULL : "has no point of its curve";
}

/* A Name is over the area, so that attributes are part of it; an allow-list's
 * hash is over the key alone. */
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
