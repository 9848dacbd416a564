/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM has three places for loaded objects: keys are loaded for one command
 * and flushed, and the storage root key is persistent. */
#include "tests/vault/rules/tpm.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/vault/rules/rules.h"
#include "tests/vault/rules/tpm_public.h"

#define EK_HANDLE 0x81010001U
#define OTHER_EK_HANDLE 0x8101000aU
#define EK_CERTIFICATE 0x01c00002U
#define SRK_HANDLE 0x81000001U
#define PIECE 512
#define NONE ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE
#define PASSWORD ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE
#define BORN                                                                   \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN)

struct tpm {
    struct swtpm *swtpm;
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
    ESYS_TR ek, srk;
    TPM2B_PUBLIC ek_public;
    EVP_PKEY *ek_key;
    uint8_t certificate[2048];
    size_t certificate_length;
};

void
tpm_succeed(TSS2_RC rc)
{
    if (rc != TSS2_RC_SUCCESS)
        fail_msg("the TPM answers 0x%x", rc);
}

/* --- templates --- */

static TPM2B_PUBLIC template(enum tpm_kind kind, TPMA_OBJECT attributes)
{
    TPM2B_PUBLIC new = {
        .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = attributes | TPMA_OBJECT_USERWITHAUTH |
                                TPMA_OBJECT_NODA | TPMA_OBJECT_SIGN_ENCRYPT,
            .parameters.eccDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
                                     .scheme.scheme = TPM2_ALG_NULL,
                                     .curveID = TPM2_ECC_NIST_P256,
                                     .kdf.scheme = TPM2_ALG_NULL}}};

    if (kind == TPM_ATTESTATION_KEY) {
        new.publicArea.objectAttributes |= TPMA_OBJECT_RESTRICTED;
        new.publicArea.parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
        new.publicArea.parameters.eccDetail.scheme.details.ecdsa.hashAlg =
            TPM2_ALG_SHA256;
    }
    return new;
}

static TPM2B_PUBLIC
storage_template(void)
{
    TPM2B_PUBLIC new = template(TPM_MACHINE_KEY, BORN);

    new.publicArea.objectAttributes &= ~TPMA_OBJECT_SIGN_ENCRYPT;
    new.publicArea.objectAttributes |= TPMA_OBJECT_RESTRICTED |
                                       TPMA_OBJECT_DECRYPT;
    new.publicArea.parameters.eccDetail.symmetric = (TPMT_SYM_DEF_OBJECT){
        .algorithm = TPM2_ALG_AES,
        .keyBits.aes = 128,
        .mode.aes = TPM2_ALG_CFB};
    return new;
}

/* --- the TPM --- */

static void
read_endorsement(struct tpm *tpm)
{
    TPM2B_PUBLIC *public;
    TPM2B_NV_PUBLIC *area;
    ESYS_TR index;

    tpm_succeed(Esys_TR_FromTPMPublic(tpm->esys, EK_HANDLE, NONE, &tpm->ek));
    tpm_succeed(Esys_ReadPublic(tpm->esys, tpm->ek, NONE, &public, NULL, NULL));
    tpm->ek_public = *public;
    Esys_Free(public);
    tpm->ek_key = tpm_public_rsa(&tpm->ek_public);
    tpm_succeed(Esys_TR_FromTPMPublic(tpm->esys, EK_CERTIFICATE, NONE, &index));
    tpm_succeed(Esys_NV_ReadPublic(tpm->esys, index, NONE, &area, NULL));
    while (tpm->certificate_length < area->nvPublic.dataSize) {
        size_t left = area->nvPublic.dataSize - tpm->certificate_length;
        TPM2B_MAX_NV_BUFFER *piece;

        tpm_succeed(Esys_NV_Read(tpm->esys, index, index, PASSWORD,
                                 (UINT16)(left > PIECE ? PIECE : left),
                                 (UINT16)tpm->certificate_length, &piece));
        assert_true(tpm->certificate_length + piece->size <=
                    sizeof tpm->certificate);
        memcpy(tpm->certificate + tpm->certificate_length, piece->buffer,
               piece->size);
        tpm->certificate_length += piece->size;
        Esys_Free(piece);
    }
    Esys_Free(area);
}

static void
make_storage_root(struct tpm *tpm)
{
    TPM2B_SENSITIVE_CREATE sensitive = {.size = 0};
    TPM2B_DATA outside = {.size = 0};
    TPML_PCR_SELECTION pcrs = {.count = 0};
    TPM2B_PUBLIC area = storage_template();
    ESYS_TR primary;

    tpm_succeed(Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_OWNER, PASSWORD,
                                   &sensitive, &area, &outside, &pcrs, &primary,
                                   NULL, NULL, NULL, NULL));
    tpm_succeed(Esys_EvictControl(tpm->esys, ESYS_TR_RH_OWNER, primary,
                                  PASSWORD, SRK_HANDLE, &tpm->srk));
    tpm_succeed(Esys_FlushContext(tpm->esys, primary));
}

struct tpm *
tpm_new(const char *directory, const char *maker)
{
    struct tpm *tpm = calloc(1, sizeof *tpm);

    assert_non_null(tpm);
    tpm->swtpm = swtpm_new_endorsed(directory, maker);
    assert_non_null(tpm->swtpm);
    tpm_succeed(Tss2_TctiLdr_Initialize(
        kept_format("swtpm:path=%s", swtpm_socket(tpm->swtpm)), &tpm->tcti));
    tpm_succeed(Esys_Initialize(&tpm->esys, tpm->tcti, NULL));
    read_endorsement(tpm);
    make_storage_root(tpm);
    return tpm;
}

void
tpm_free(struct tpm *tpm)
{
    Esys_Finalize(&tpm->esys);
    Tss2_TctiLdr_Finalize(&tpm->tcti);
    swtpm_free(&tpm->swtpm);
    EVP_PKEY_free(tpm->ek_key);
    free(tpm);
}

const TPM2B_PUBLIC *
tpm_endorsement(const struct tpm *tpm)
{
    return &tpm->ek_public;
}

const uint8_t *
tpm_endorsement_certificate(const struct tpm *tpm, size_t *ret_length)
{
    *ret_length = tpm->certificate_length;
    return tpm->certificate;
}

void
tpm_use_other_endorsement(struct tpm *tpm)
{
    TPM2B_SENSITIVE_CREATE sensitive = {.size = 0};
    TPM2B_DATA outside = {.size = 0};
    TPML_PCR_SELECTION pcrs = {.count = 0};
    TPM2B_PUBLIC area = storage_template();
    TPM2B_PUBLIC *public;
    ESYS_TR primary;

    /* PolicySecret of the endorsement hierarchy is the RSA key's, too. */
    area.publicArea.authPolicy = tpm->ek_public.publicArea.authPolicy;
    area.publicArea.objectAttributes =
        tpm->ek_public.publicArea.objectAttributes;
    area.publicArea.unique.ecc.x.size = 32;
    area.publicArea.unique.ecc.y.size = 32;
    tpm_succeed(Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_ENDORSEMENT, PASSWORD,
                                   &sensitive, &area, &outside, &pcrs, &primary,
                                   &public, NULL, NULL, NULL));
    tpm_succeed(Esys_EvictControl(tpm->esys, ESYS_TR_RH_OWNER, primary,
                                  PASSWORD, OTHER_EK_HANDLE, &tpm->ek));
    tpm_succeed(Esys_FlushContext(tpm->esys, primary));
    tpm->ek_public = *public;
    Esys_Free(public);
    EVP_PKEY_free(tpm->ek_key);
    tpm->ek_key = tpm_public_ecc(&tpm->ek_public);
    assert_int_equal(EVP_PKEY_up_ref(tpm->ek_key), 1);
}

EVP_PKEY *
tpm_endorsement_key(const struct tpm *tpm)
{
    return tpm->ek_key;
}

/* --- keys --- */

struct tpm_key *
tpm_create(struct tpm *tpm, enum tpm_kind kind)
{
    struct tpm_key *key = kept_new(sizeof *key);
    TPM2B_SENSITIVE_CREATE sensitive = {.size = 0};
    TPM2B_DATA outside = {.size = 0};
    TPML_PCR_SELECTION pcrs = {.count = 0};
    TPM2B_PUBLIC area = template(kind, BORN);
    TPM2B_PUBLIC *public;
    TPM2B_PRIVATE *private;
    TPM2B_CREATION_DATA *creation;
    TPM2B_DIGEST *hash;
    TPMT_TK_CREATION *ticket;

    tpm_succeed(Esys_Create(tpm->esys, tpm->srk, PASSWORD, &sensitive, &area,
                            &outside, &pcrs, &private, &public, &creation,
                            &hash, &ticket));
    *key = (struct tpm_key){*public, *private, *creation,
                            *hash,   *ticket,  tpm_public_ecc(public)};
    Esys_Free(public);
    Esys_Free(private);
    Esys_Free(creation);
    Esys_Free(hash);
    Esys_Free(ticket);
    return key;
}

static void
put_number(EVP_PKEY *key, const char *name, uint8_t *buffer, UINT16 *ret_size)
{
    BIGNUM *number = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    assert_int_equal(BN_bn2binpad(number, buffer, 32), 32);
    *ret_size = 32;
    BN_clear_free(number);
}

/* Without a wrapper: the TPM is an emulation of the test's. */
struct tpm_key *
tpm_import(struct tpm *tpm, enum tpm_kind kind, EVP_PKEY *key)
{
    struct tpm_key *new = kept_new(sizeof *new);
    TPM2B_DATA nothing = {.size = 0};
    TPM2B_ENCRYPTED_SECRET seed = {.size = 0};
    TPMT_SYM_DEF_OBJECT plain = {.algorithm = TPM2_ALG_NULL};
    TPM2B_SENSITIVE sensitive = {.sensitiveArea.sensitiveType = TPM2_ALG_ECC};
    TPMS_ECC_POINT *point = &new->public.publicArea.unique.ecc;
    TPM2B_PRIVATE duplicate = {.size = 0};
    TPM2B_PRIVATE *private;
    size_t length = 0;

    new->public = template(kind, TPMA_OBJECT_SENSITIVEDATAORIGIN);
    put_number(key, OSSL_PKEY_PARAM_EC_PUB_X, point->x.buffer, &point->x.size);
    put_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, point->y.buffer, &point->y.size);
    put_number(key, OSSL_PKEY_PARAM_PRIV_KEY,
               sensitive.sensitiveArea.sensitive.ecc.buffer,
               &sensitive.sensitiveArea.sensitive.ecc.size);
    tpm_succeed(Tss2_MU_TPM2B_SENSITIVE_Marshal(
        &sensitive, duplicate.buffer, sizeof duplicate.buffer, &length));
    duplicate.size = (UINT16)length;
    tpm_succeed(Esys_Import(tpm->esys, tpm->srk, PASSWORD, &nothing,
                            &new->public, &duplicate, &seed, &plain, &private));
    new->private = *private;
    Esys_Free(private);
    new->key = tpm_public_ecc(&new->public);
    return new;
}

ESYS_TR
tpm_load(struct tpm *tpm, const struct tpm_key *key)
{
    ESYS_TR handle = ESYS_TR_NONE;

    tpm_succeed(Esys_Load(tpm->esys, tpm->srk, PASSWORD, &key->private,
                          &key->public, &handle));
    return handle;
}

ESYS_CONTEXT *
tpm_esys(struct tpm *tpm)
{
    return tpm->esys;
}

ESYS_TR
tpm_endorsement_handle(const struct tpm *tpm)
{
    return tpm->ek;
}
