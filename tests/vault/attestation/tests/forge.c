/* SPDX-License-Identifier: Apache-2.0 */
/* Written by tss2-mu, as a TPM's own are: a forgery is right in every byte but
 * the one that a test is about. */
#include "tests/vault/attestation/tests/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/attestation/tests/tpm.h"
#include "tests/vault/attestation/tests/tpm_template.h"

static void
put_number(EVP_PKEY *key, const char *name, uint8_t *ret, uint16_t length)
{
    BIGNUM *number = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    assert_int_equal(BN_bn2binpad(number, ret, length), length);
    BN_free(number);
}

void
forge_put_key(TPMT_PUBLIC *area, EVP_PKEY *key)
{
    uint16_t bytes = (uint16_t)((EVP_PKEY_get_bits(key) + 7) / 8);

    if (area->type == TPM2_ALG_RSA) {
        area->unique.rsa.size = bytes;
        put_number(key, OSSL_PKEY_PARAM_RSA_N, area->unique.rsa.buffer, bytes);
        return;
    }
    area->unique.ecc.x.size = area->unique.ecc.y.size = bytes;
    put_number(key, OSSL_PKEY_PARAM_EC_PUB_X, area->unique.ecc.x.buffer, bytes);
    put_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, area->unique.ecc.y.buffer, bytes);
}

void
forge_set_area(json_t *object, const char *name, const TPMT_PUBLIC *area)
{
    uint8_t bytes[sizeof *area];
    size_t length = 0;

    assert_int_equal(
        Tss2_MU_TPMT_PUBLIC_Marshal(area, bytes, sizeof bytes, &length), 0);
    tpm_set(object, name, bytes, length);
}

TPMT_PUBLIC
forge_ak(void)
{
    return tpm_template_ecc(TPM_BORN_ATTRIBUTES | TPMA_OBJECT_RESTRICTED)
        .publicArea;
}

TPMT_PUBLIC
forge_machine(void)
{
    return tpm_template_ecc(TPM_BORN_ATTRIBUTES).publicArea;
}

json_t *
forge_offer(const TPMT_PUBLIC *ek, const TPMT_PUBLIC *ak)
{
    json_t *offer = json_pack("{s:{}}", "endorsement");

    assert_non_null(offer);
    forge_set_area(json_object_get(offer, "endorsement"), "public", ek);
    forge_set_area(offer, "key", ak);
    return offer;
}

TPM2B_NAME
forge_name(const TPMT_PUBLIC *area)
{
    TPM2B_NAME name = {.size = 34, .name = {0x00, 0x0b}};
    uint8_t bytes[sizeof *area];
    size_t length = 0;

    assert_int_equal(
        Tss2_MU_TPMT_PUBLIC_Marshal(area, bytes, sizeof bytes, &length), 0);
    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, bytes, length, name.name + 2, NULL),
        1);
    return name;
}

/* TPMT_SIGNATURE out of OpenSSL's form. */
static size_t
sign(EVP_PKEY *ak, const uint8_t *bytes, size_t length, uint8_t ret[static 80])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t der[80];
    const uint8_t *at = der;
    size_t der_length = sizeof der;
    TPMT_SIGNATURE signature = {.sigAlg = TPM2_ALG_ECDSA};
    TPMS_SIGNATURE_ECC *ecdsa = &signature.signature.ecdsa;
    ECDSA_SIG *both;
    size_t written = 0;

    assert_int_equal(
        EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, ak, NULL),
        1);
    assert_int_equal(EVP_DigestSign(context, der, &der_length, bytes, length),
                     1);
    both = d2i_ECDSA_SIG(NULL, &at, (long)der_length);
    assert_non_null(both);
    ecdsa->hash = TPM2_ALG_SHA256;
    ecdsa->signatureR.size = ecdsa->signatureS.size = 32;
    assert_int_equal(
        BN_bn2binpad(ECDSA_SIG_get0_r(both), ecdsa->signatureR.buffer, 32), 32);
    assert_int_equal(
        BN_bn2binpad(ECDSA_SIG_get0_s(both), ecdsa->signatureS.buffer, 32), 32);
    assert_int_equal(
        Tss2_MU_TPMT_SIGNATURE_Marshal(&signature, ret, 80, &written), 0);
    ECDSA_SIG_free(both);
    EVP_MD_CTX_free(context);
    return written;
}

void
forge_statement(json_t *object, const TPMS_ATTEST *attest, EVP_PKEY *ak)
{
    uint8_t bytes[sizeof *attest];
    uint8_t signature[80];
    size_t length = 0;

    assert_int_equal(
        Tss2_MU_TPMS_ATTEST_Marshal(attest, bytes, sizeof bytes, &length), 0);
    tpm_set(object, "statement", bytes, length);
    tpm_set(object, "signature", signature, sign(ak, bytes, length, signature));
}
