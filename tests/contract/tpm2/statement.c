/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of areas are built from their numbers by OpenSSL alone. */
#include "tests/contract/tpm2/statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <tss2/tss2_mu.h>

#define EXPONENT 65537

void
statement_area(const struct evidence_area *area, TPMT_PUBLIC *ret)
{
    size_t offset = 0;

    assert_int_equal(
        Tss2_MU_TPMT_PUBLIC_Unmarshal(area->bytes, area->length, &offset, ret),
        TSS2_RC_SUCCESS);
    assert_int_equal(offset, area->length);
}

static EVP_PKEY *
build(const char *type, OSSL_PARAM_BLD *builder)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    assert_non_null(params);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *
rsa_key(const TPM2B_PUBLIC_KEY_RSA *modulus)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus->buffer, modulus->size, NULL);
    EVP_PKEY *key;

    assert_int_equal(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n),
                     1);
    assert_int_equal(
        OSSL_PARAM_BLD_push_ulong(builder, OSSL_PKEY_PARAM_RSA_E, EXPONENT), 1);
    key = build("RSA", builder);
    BN_free(n);
    return key;
}

static EVP_PKEY *
ec_key(const TPMS_ECC_POINT *point, const char *group, size_t field)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    uint8_t bytes[1 + 2 * sizeof point->x.buffer] = {
        POINT_CONVERSION_UNCOMPRESSED};

    assert_true(point->x.size <= field && point->y.size <= field);
    memcpy(bytes + 1 + field - point->x.size, point->x.buffer, point->x.size);
    memcpy(bytes + 1 + 2 * field - point->y.size, point->y.buffer,
           point->y.size);
    assert_int_equal(OSSL_PARAM_BLD_push_utf8_string(
                         builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                     1);
    assert_int_equal(OSSL_PARAM_BLD_push_octet_string(builder,
                                                      OSSL_PKEY_PARAM_PUB_KEY,
                                                      bytes, 1 + 2 * field),
                     1);
    return build("EC", builder);
}

EVP_PKEY *
statement_key(const TPMT_PUBLIC *area)
{
    if (area->type == TPM2_ALG_RSA)
        return rsa_key(&area->unique.rsa);
    assert_int_equal(area->type, TPM2_ALG_ECC);
    return area->parameters.eccDetail.curveID == TPM2_ECC_NIST_P256
               ? ec_key(&area->unique.ecc, "P-256", 32)
               : ec_key(&area->unique.ecc, "P-384", 48);
}

void
statement_name(const struct evidence_area *area, TPM2B_NAME *ret)
{
    TPMT_PUBLIC read;
    const char *hash = "SHA256";
    size_t length = 0;

    statement_area(area, &read);
    if (read.nameAlg == TPM2_ALG_SHA384)
        hash = "SHA384";
    else
        assert_int_equal(read.nameAlg, TPM2_ALG_SHA256);
    ret->name[0] = (uint8_t)(read.nameAlg >> 8);
    ret->name[1] = (uint8_t)(read.nameAlg & 0xff);
    assert_int_equal(EVP_Q_digest(NULL, hash, NULL, area->bytes, area->length,
                                  ret->name + 2, &length),
                     1);
    ret->size = (UINT16)(2 + length);
}

void
statement_spki(EVP_PKEY *key, uint8_t ret[static 32])
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    size_t hashed = 0;

    assert_true(length > 0);
    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)length, ret, &hashed),
        1);
    OPENSSL_free(der);
}

/* As ECDSA-Sig-Value, from the TPM's own form of it: 0018 000b, r, s. */
static int
signature_der(const struct evidence_statement *statement, unsigned char **ret)
{
    TPMT_SIGNATURE read;
    size_t offset = 0;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    const TPMS_SIGNATURE_ECC *ec = &read.signature.ecdsa;
    int length;

    assert_int_equal(
        Tss2_MU_TPMT_SIGNATURE_Unmarshal(
            statement->signature, statement->signature_length, &offset, &read),
        TSS2_RC_SUCCESS);
    assert_int_equal(offset, statement->signature_length);
    assert_int_equal(read.sigAlg, TPM2_ALG_ECDSA);
    assert_int_equal(ec->hash, TPM2_ALG_SHA256);
    assert_int_equal(
        ECDSA_SIG_set0(
            signature,
            BN_bin2bn(ec->signatureR.buffer, ec->signatureR.size, NULL),
            BN_bin2bn(ec->signatureS.buffer, ec->signatureS.size, NULL)),
        1);
    length = i2d_ECDSA_SIG(signature, ret);
    ECDSA_SIG_free(signature);
    return length;
}

bool
statement_read(const struct evidence_statement *statement, EVP_PKEY *ak,
               TPMS_ATTEST *ret)
{
    unsigned char *der = NULL;
    int length = signature_der(statement, &der);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t offset = 0;
    int good;

    assert_int_equal(
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, ak), 1);
    good = EVP_DigestVerify(context, der, (size_t)length, statement->bytes,
                            statement->length);
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    if (good != 1)
        return false;
    assert_int_equal(Tss2_MU_TPMS_ATTEST_Unmarshal(
                         statement->bytes, statement->length, &offset, ret),
                     TSS2_RC_SUCCESS);
    assert_int_equal(offset, statement->length);
    assert_int_equal(ret->magic, TPM2_GENERATED_VALUE);
    return true;
}
