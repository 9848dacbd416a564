/* SPDX-License-Identifier: Apache-2.0 */
/* Each takes its keys into the TPM and out again. */
#include "tests/vault/rules/tpm_statement.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/rules/rules.h"

#define NONE ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE
#define PASSWORD ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE

static const TPMT_SIG_SCHEME no_scheme = {.scheme = TPM2_ALG_NULL};

/* --- the challenge --- */

/* What lets a client use the EK (TCG EK Credential Profile, B.3.2). */
static ESYS_TR
open_policy(struct tpm *tpm)
{
    TPMT_SYM_DEF none = {.algorithm = TPM2_ALG_NULL};
    ESYS_TR policy;

    tpm_succeed(Esys_StartAuthSession(tpm_esys(tpm), ESYS_TR_NONE, ESYS_TR_NONE,
                                      NONE, NULL, TPM2_SE_POLICY, &none,
                                      TPM2_ALG_SHA256, &policy));
    tpm_succeed(Esys_PolicySecret(tpm_esys(tpm), ESYS_TR_RH_ENDORSEMENT, policy,
                                  PASSWORD, NULL, NULL, NULL, 0, NULL, NULL));
    return policy;
}

TSS2_RC
tpm_activate(struct tpm *tpm, const struct tpm_key *ak,
             const uint8_t *challenge, size_t length, uint8_t ret[static 32])
{
    static const uint8_t head[] = {0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1};
    TPM2B_ID_OBJECT object = {.size = 0};
    TPM2B_ENCRYPTED_SECRET secret = {.size = 0};
    TPM2B_DIGEST *told = NULL;
    size_t at = sizeof head;
    ESYS_TR handle, policy;
    TSS2_RC rc;

    assert_true(length > sizeof head);
    assert_memory_equal(challenge, head, sizeof head);
    tpm_succeed(
        Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(challenge, length, &at, &object));
    tpm_succeed(Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(challenge, length, &at,
                                                         &secret));
    assert_int_equal(at, length);
    handle = tpm_load(tpm, ak);
    policy = open_policy(tpm);
    rc = Esys_ActivateCredential(tpm_esys(tpm), handle,
                                 tpm_endorsement_handle(tpm), ESYS_TR_PASSWORD,
                                 policy, ESYS_TR_NONE, &object, &secret, &told);
    if (rc == TSS2_RC_SUCCESS) {
        assert_int_equal(told->size, 32);
        memcpy(ret, told->buffer, 32);
        Esys_Free(told);
    }
    (void)Esys_FlushContext(tpm_esys(tpm), policy);
    tpm_succeed(Esys_FlushContext(tpm_esys(tpm), handle));
    return rc;
}

/* --- statements --- */

static TPM2B_DATA
qualify(const uint8_t qualifying[static 32])
{
    TPM2B_DATA data = {.size = 32};

    memcpy(data.buffer, qualifying, 32);
    return data;
}

static struct tpm_statement
take(TPM2B_ATTEST *statement, TPMT_SIGNATURE *signature)
{
    struct tpm_statement new = {*statement, *signature};

    Esys_Free(statement);
    Esys_Free(signature);
    return new;
}

struct tpm_statement
tpm_certify_creation(struct tpm *tpm, const struct tpm_key *ak,
                     const uint8_t qualifying[static 32])
{
    TPM2B_DATA data = qualify(qualifying);
    ESYS_TR handle = tpm_load(tpm, ak);
    TPM2B_ATTEST *statement;
    TPMT_SIGNATURE *signature;

    tpm_succeed(Esys_CertifyCreation(
        tpm_esys(tpm), handle, handle, PASSWORD, &data, &ak->creation_hash,
        &no_scheme, &ak->creation_ticket, &statement, &signature));
    tpm_succeed(Esys_FlushContext(tpm_esys(tpm), handle));
    return take(statement, signature);
}

struct tpm_statement
tpm_certify(struct tpm *tpm, const struct tpm_key *ak,
            const struct tpm_key *key, const uint8_t qualifying[static 32])
{
    TPM2B_DATA data = qualify(qualifying);
    ESYS_TR signer = tpm_load(tpm, ak);
    ESYS_TR object = tpm_load(tpm, key);
    TPM2B_ATTEST *statement;
    TPMT_SIGNATURE *signature;

    tpm_succeed(Esys_Certify(tpm_esys(tpm), object, signer, ESYS_TR_PASSWORD,
                             ESYS_TR_PASSWORD, ESYS_TR_NONE, &data, &no_scheme,
                             &statement, &signature));
    tpm_succeed(Esys_FlushContext(tpm_esys(tpm), object));
    tpm_succeed(Esys_FlushContext(tpm_esys(tpm), signer));
    return take(statement, signature);
}

struct tpm_statement
tpm_quote(struct tpm *tpm, const struct tpm_key *ak,
          const uint8_t qualifying[static 32], uint8_t ret[static 32])
{
    TPM2B_DATA data = qualify(qualifying);
    TPML_PCR_SELECTION pcrs = {.count = 1,
                               .pcrSelections = {{.hash = TPM2_ALG_SHA256,
                                                  .sizeofSelect = 3,
                                                  .pcrSelect = {1, 0, 0}}}};
    ESYS_TR signer = tpm_load(tpm, ak);
    TPM2B_ATTEST *statement;
    TPMT_SIGNATURE *signature;
    TPML_PCR_SELECTION *read;
    TPML_DIGEST *values;
    UINT32 counter;

    tpm_succeed(Esys_Quote(tpm_esys(tpm), signer, PASSWORD, &data, &no_scheme,
                           &pcrs, &statement, &signature));
    tpm_succeed(
        Esys_PCR_Read(tpm_esys(tpm), NONE, &pcrs, &counter, &read, &values));
    assert_int_equal(values->count, 1);
    memcpy(ret, values->digests[0].buffer, 32);
    Esys_Free(read);
    Esys_Free(values);
    tpm_succeed(Esys_FlushContext(tpm_esys(tpm), signer));
    return take(statement, signature);
}

/* --- the certificate request --- */

uint8_t *
tpm_sign(struct tpm *tpm, const struct tpm_key *key, const uint8_t *data,
         size_t length, int *ret_length)
{
    TPM2B_DIGEST digest = {.size = 32};
    TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_ECDSA,
                              .details.ecdsa.hashAlg = TPM2_ALG_SHA256};
    TPMT_TK_HASHCHECK ticket = {.tag = TPM2_ST_HASHCHECK,
                                .hierarchy = TPM2_RH_NULL};
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    ESYS_TR handle = tpm_load(tpm, key);
    TPMT_SIGNATURE *signature;
    const TPMS_SIGNATURE_ECDSA *made;
    uint8_t *der = NULL;

    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, data, length, digest.buffer, NULL),
        1);
    tpm_succeed(Esys_Sign(tpm_esys(tpm), handle, PASSWORD, &digest, &scheme,
                          &ticket, &signature));
    made = &signature->signature.ecdsa;
    assert_int_equal(
        ECDSA_SIG_set0(
            numbers,
            BN_bin2bn(made->signatureR.buffer, made->signatureR.size, NULL),
            BN_bin2bn(made->signatureS.buffer, made->signatureS.size, NULL)),
        1);
    *ret_length = i2d_ECDSA_SIG(numbers, &der);
    ECDSA_SIG_free(numbers);
    Esys_Free(signature);
    tpm_succeed(Esys_FlushContext(tpm_esys(tpm), handle));
    return der;
}

const char *
tpm_request(struct tpm *tpm, const struct tpm_key *key)
{
    X509_REQ *request = X509_REQ_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
    unsigned char *content = NULL, *der = NULL;
    uint8_t *signature;
    char *text;
    int length, signature_length;

    assert_int_equal(X509_REQ_set_pubkey(request, key->key), 1);
    assert_int_equal(X509_ALGOR_set0(algorithm,
                                     OBJ_nid2obj(NID_ecdsa_with_SHA256),
                                     V_ASN1_UNDEF, NULL),
                     1);
    assert_int_equal(X509_REQ_set1_signature_algo(request, algorithm), 1);
    length = i2d_re_X509_REQ_tbs(request, &content);
    assert_true(length > 0);
    signature = tpm_sign(tpm, key, content, (size_t)length, &signature_length);
    assert_int_equal(ASN1_BIT_STRING_set(bits, signature, signature_length), 1);
    bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    X509_REQ_set0_signature(request, bits);
    length = i2d_X509_REQ(request, &der);
    assert_true(length > 0);
    text = kept_new(2 * (size_t)length + 8);
    (void)EVP_EncodeBlock((unsigned char *)text, der, length);
    OPENSSL_free(signature);
    OPENSSL_free(content);
    OPENSSL_free(der);
    X509_ALGOR_free(algorithm);
    X509_REQ_free(request);
    return text;
}
