/* SPDX-License-Identifier: Apache-2.0 */
/* Without a wrapper, as nobody listens to this TPM. */
#include "tests/vault/attestation/tests/tpm_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/attestation/tests/tpm_template.h"

void
tpm_key_bring(const struct tpm_store *store, TPMA_OBJECT attributes,
              struct tpm_key *ret)
{
    static const TPM2B_DATA no_key = {.size = 0};
    static const TPM2B_ENCRYPTED_SECRET no_seed = {.size = 0};
    static const TPMT_SYM_DEF_OBJECT no_cipher = {.algorithm = TPM2_ALG_NULL};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    TPM2B_SENSITIVE sensitive = {.sensitiveArea.sensitiveType = TPM2_ALG_ECC};
    TPM2B_PRIVATE duplicate = {.size = 0};
    TPM2B_PRIVATE *private = NULL;
    TPMS_ECC_POINT *point;
    uint8_t octets[65];
    size_t length = 0;
    BIGNUM *d = NULL;

    assert_non_null(key);
    ret->public = tpm_template_ecc(attributes);
    point = &ret->public.publicArea.unique.ecc;
    assert_int_equal(
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets,
                                        sizeof octets, &length),
        1);
    point->x.size = point->y.size = 32;
    memcpy(point->x.buffer, octets + 1, 32);
    memcpy(point->y.buffer, octets + 33, 32);
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d),
                     1);
    sensitive.sensitiveArea.sensitive.ecc.size = 32;
    assert_int_equal(
        BN_bn2binpad(d, sensitive.sensitiveArea.sensitive.ecc.buffer, 32), 32);
    length = 0;
    ASSERT_RC(Tss2_MU_TPM2B_SENSITIVE_Marshal(
        &sensitive, duplicate.buffer, sizeof duplicate.buffer, &length));
    duplicate.size = (uint16_t)length;
    ASSERT_RC(Esys_Import(store->esys, store->srk, ONE_PASSWORD, &no_key,
                          &ret->public, &duplicate, &no_seed, &no_cipher,
                          &private));
    ret->private = *private;
    Esys_Free(private);
    BN_free(d);
    EVP_PKEY_free(key);
}

void
tpm_key_create(const struct tpm_store *store, const TPM2B_PUBLIC *template,
               struct tpm_key *ret, struct tpm_birth *birth)
{
    static const TPM2B_SENSITIVE_CREATE secret = {.size = 0};
    static const TPM2B_DATA outside = {.size = 0};
    static const TPML_PCR_SELECTION none = {.count = 0};
    TPM2B_PRIVATE *private = NULL;
    TPM2B_PUBLIC *public = NULL;

    ASSERT_RC(Esys_Create(store->esys, store->srk, ONE_PASSWORD, &secret,
                          template, &outside, &none, &private, &public,
                          birth != NULL ? &birth->data : NULL,
                          birth != NULL ? &birth->hash : NULL,
                          birth != NULL ? &birth->ticket : NULL));
    ret->private = *private;
    ret->public = *public;
    Esys_Free(private);
    Esys_Free(public);
}

ESYS_TR
tpm_key_load(const struct tpm_store *store, const struct tpm_key *key)
{
    ESYS_TR object = ESYS_TR_NONE;

    ASSERT_RC(Esys_Load(store->esys, store->srk, ONE_PASSWORD, &key->private,
                        &key->public, &object));
    return object;
}

void
tpm_key_free(struct tpm_key *key)
{
    free(key);
}

const TPMT_PUBLIC *
tpm_key_public(const struct tpm_key *key)
{
    return &key->public.publicArea;
}
