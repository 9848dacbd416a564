/* SPDX-License-Identifier: Apache-2.0 */
/* Public numbers only. */
#include "hsm/tpm2/public.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "keystore/store/public_key.h"

#define EXPONENT 65537 /* which a TPM means by 0 */

static const uint8_t exponent[] = {0x01, 0x00, 0x01};

/* The TPM's number of each curve; 0, which is TPM2_ECC_NONE: it takes none. */
static const TPM2_ECC_CURVE curves[MATERIAL__MAX] = {
    [MATERIAL_P256] = TPM2_ECC_NIST_P256,
    [MATERIAL_P384] = TPM2_ECC_NIST_P384,
};

static enum material_type
type_of(TPM2_ECC_CURVE curve)
{
    for (unsigned i = 1; i < MATERIAL__MAX; i++)
        if (curves[i] != TPM2_ECC_NONE && curves[i] == curve)
            return (enum material_type)i;
    return 0;
}

void
tpm2_public_template(enum material_type type, unsigned bits, bool born,
                     bool counts, TPM2B_PUBLIC *ret)
{
    TPMT_PUBLIC area = {
        .type = type == MATERIAL_RSA ? TPM2_ALG_RSA : TPM2_ALG_ECC,
        .nameAlg = TPM2_ALG_SHA256,
        .objectAttributes = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT,
    };

    if (born)
        area.objectAttributes |= TPMA_OBJECT_FIXEDTPM |
                                 TPMA_OBJECT_FIXEDPARENT |
                                 TPMA_OBJECT_SENSITIVEDATAORIGIN;
    if (!counts)
        area.objectAttributes |= TPMA_OBJECT_NODA;
    if (type == MATERIAL_RSA)
        area.parameters.rsaDetail = (TPMS_RSA_PARMS){
            .symmetric.algorithm = TPM2_ALG_NULL,
            .scheme.scheme = TPM2_ALG_NULL,
            .keyBits = (TPMI_RSA_KEY_BITS)bits};
    else
        area.parameters.eccDetail = (TPMS_ECC_PARMS){
            .symmetric.algorithm = TPM2_ALG_NULL,
            .scheme.scheme = TPM2_ALG_NULL,
            .curveID = curves[type],
            .kdf.scheme = TPM2_ALG_NULL};
    *ret = (TPM2B_PUBLIC){.publicArea = area};
}

/* NAME of PUBLIC as big-endian bytes of LENGTH. */
static bool
get_number(EVP_PKEY *public, const char *name, uint8_t *ret, size_t length)
{
    BIGNUM *number = NULL;
    bool done = EVP_PKEY_get_bn_param(public, name, &number) == 1 &&
                BN_bn2binpad(number, ret, (int)length) == (int)length;

    BN_free(number);
    return done;
}

static enum ks_err
fill_rsa(TPMT_PUBLIC *area, EVP_PKEY *public, struct err_cause *cause)
{
    size_t length = area->parameters.rsaDetail.keyBits / 8u;
    BIGNUM *e = NULL;
    bool usual = EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_RSA_E, &e) ==
                     1 &&
                 BN_is_word(e, EXPONENT) == 1;

    BN_free(e);
    if (!usual)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "a TPM takes RSA keys with the exponent %d only; use "
                       "another credential, or another kind of token",
                       EXPONENT);
    if (length > sizeof area->unique.rsa.buffer ||
        !get_number(public, OSSL_PKEY_PARAM_RSA_N, area->unique.rsa.buffer,
                    length))
        return err_set_openssl(cause, KS_ERR_INTERNAL, "public modulus");
    area->unique.rsa.size = (UINT16)length;
    return KS_OK;
}

static enum ks_err
fill_ec(TPMT_PUBLIC *area, EVP_PKEY *public, struct err_cause *cause)
{
    TPMS_ECC_POINT *point = &area->unique.ecc;
    size_t length = ((size_t)EVP_PKEY_get_bits(public) + 7) / 8;

    if (length > sizeof point->x.buffer ||
        !get_number(public, OSSL_PKEY_PARAM_EC_PUB_X, point->x.buffer,
                    length) ||
        !get_number(public, OSSL_PKEY_PARAM_EC_PUB_Y, point->y.buffer, length))
        return err_set_openssl(cause, KS_ERR_INTERNAL, "public point");
    point->x.size = point->y.size = (UINT16)length;
    return KS_OK;
}

enum ks_err
tpm2_public_fill(TPM2B_PUBLIC *area, EVP_PKEY *public, struct err_cause *cause)
{
    return area->publicArea.type == TPM2_ALG_RSA
               ? fill_rsa(&area->publicArea, public, cause)
               : fill_ec(&area->publicArea, public, cause);
}

static enum ks_err
read_rsa(const TPMT_PUBLIC *area, EVP_PKEY **ret, struct err_cause *cause)
{
    UINT32 e = area->parameters.rsaDetail.exponent;

    if (e != 0 && e != EXPONENT)
        return err_set(cause, KS_ERR_KEY_OTHER, "an RSA exponent of %u", e);
    return public_key_rsa(
        &(struct der){area->unique.rsa.buffer, area->unique.rsa.size},
        &(struct der){exponent, sizeof exponent}, ret, cause);
}

static enum ks_err
read_ec(const TPMT_PUBLIC *area, enum material_type type, EVP_PKEY **ret,
        struct err_cause *cause)
{
    const TPMS_ECC_POINT *from = &area->unique.ecc;
    uint8_t point[1 + 2 * sizeof from->x.buffer] = {0x04};
    size_t field = (public_key_point_length(type) - 1) / 2;

    if (from->x.size > field || from->y.size > field)
        return err_set(cause, KS_ERR_KEY_OTHER, "a point of another curve");
    memcpy(point + 1 + field - from->x.size, from->x.buffer, from->x.size);
    memcpy(point + 1 + 2 * field - from->y.size, from->y.buffer, from->y.size);
    return public_key_ec(type, point, ret, cause);
}

enum ks_err
tpm2_public_read(const TPM2B_PUBLIC *area, enum material_type *ret_type,
                 EVP_PKEY **ret, struct err_cause *cause)
{
    const TPMT_PUBLIC *from = &area->publicArea;
    enum material_type type = from->type == TPM2_ALG_RSA ? MATERIAL_RSA : 0;
    enum ks_err rc;

    if (from->type == TPM2_ALG_ECC)
        type = type_of(from->parameters.eccDetail.curveID);
    if (type == MATERIAL_RSA) {
        rc = read_rsa(from, ret, cause);
    } else if (type != 0) {
        rc = read_ec(from, type, ret, cause);
    } else {
        rc = err_set(cause, KS_ERR_KEY_OTHER,
                     "it is neither RSA nor P-256 nor P-384");
    }
    if (rc == KS_OK)
        *ret_type = type;
    return rc;
}

enum ks_err
tpm2_public_name(const TPM2B_PUBLIC *area, TPM2B_NAME *ret,
                 struct err_cause *cause)
{
    uint8_t bytes[sizeof(TPMT_PUBLIC)];
    TPM2B_NAME name = {.size = 0};
    size_t length = 0;
    unsigned hashed = 0;

    if (area->publicArea.nameAlg != TPM2_ALG_SHA256)
        return err_set(cause, KS_ERR_KEY_OTHER, "its Name is not by SHA-256");
    if (Tss2_MU_TPMT_PUBLIC_Marshal(&area->publicArea, bytes, sizeof bytes,
                                    &length) != TSS2_RC_SUCCESS)
        return err_set(cause, KS_ERR_INTERNAL, "public area");
    name.name[0] = TPM2_ALG_SHA256 >> 8;
    name.name[1] = TPM2_ALG_SHA256 & 0xff;
    if (EVP_Digest(bytes, length, name.name + 2, &hashed, EVP_sha256(), NULL) !=
        1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "Name");
    name.size = (UINT16)(2 + hashed);
    *ret = name;
    return KS_OK;
}

enum ks_err
tpm2_public_check_made(const TPM2B_PUBLIC *asked, const TPM2B_PUBLIC *made,
                       struct err_cause *cause)
{
    TPM2B_PUBLIC bare = *made;
    TPM2B_NAME wanted, name;
    enum ks_err rc = tpm2_public_name(asked, &wanted, cause);

    bare.publicArea.unique = asked->publicArea.unique;
    if (rc == KS_OK)
        rc = tpm2_public_name(&bare, &name, cause);
    if (rc == KS_OK && !tpm2_public_same_name(&name, &wanted))
        rc = err_set(cause, KS_ERR_TOKEN_WEAK,
                     "the TPM made another kind of key than it was asked for");
    return rc;
}

enum ks_err
tpm2_public_marshal(const TPM2B_PUBLIC *area, struct evidence_area *ret,
                    struct err_cause *cause)
{
    ret->length = 0;
    return Tss2_MU_TPMT_PUBLIC_Marshal(&area->publicArea, ret->bytes,
                                       sizeof ret->bytes,
                                       &ret->length) == TSS2_RC_SUCCESS
               ? KS_OK
               : err_set(cause, KS_ERR_INTERNAL, "public area");
}

bool
tpm2_public_same_name(const TPM2B_NAME *a, const TPM2B_NAME *b)
{
    return a->size > 0 && a->size == b->size &&
           memcmp(a->name, b->name, a->size) == 0;
}
