/* SPDX-License-Identifier: Apache-2.0 */
/* A template alone decides what a primary key is: the TPM makes the same one
 * again each time.  An RSA key takes it seconds, so that the one at the handle
 * is taken where it is of the template. */
#include "hsm/tpm2/endorsement.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <tss2/tss2_mu.h>

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"

#define ATTRIBUTES                                                             \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |           \
     TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

#define CIPHER(bits)                                                           \
    {                                                                          \
        .algorithm = TPM2_ALG_AES, .keyBits.aes = (bits),                      \
        .mode.aes = TPM2_ALG_CFB                                               \
    }

/* PolicyA, TPM2_PolicySecret(TPM_RH_ENDORSEMENT), by SHA-256 and by SHA-384;
 * PolicyC, TPM2_PolicyAuthorizeNV, and PolicyB, TPM2_PolicyOR of A and C, by
 * SHA-384 (TCG EK Credential Profile, B.6). */
#define POLICY_A_256                                                           \
    {                                                                          \
        .size = 32, .buffer = {                                                \
            0x83,                                                              \
            0x71,                                                              \
            0x97,                                                              \
            0x67,                                                              \
            0x44,                                                              \
            0x84,                                                              \
            0xb3,                                                              \
            0xf8,                                                              \
            0x1a,                                                              \
            0x90,                                                              \
            0xcc,                                                              \
            0x8d,                                                              \
            0x46,                                                              \
            0xa5,                                                              \
            0xd7,                                                              \
            0x24,                                                              \
            0xfd,                                                              \
            0x52,                                                              \
            0xd7,                                                              \
            0x6e,                                                              \
            0x06,                                                              \
            0x52,                                                              \
            0x0b,                                                              \
            0x64,                                                              \
            0xf2,                                                              \
            0xa1,                                                              \
            0xda,                                                              \
            0x1b,                                                              \
            0x33,                                                              \
            0x14,                                                              \
            0x69,                                                              \
            0xaa                                                               \
        }                                                                      \
    }
#define POLICY_A_384                                                           \
    {                                                                          \
        .size = 48, .buffer = {                                                \
            0x8b,                                                              \
            0xbf,                                                              \
            0x22,                                                              \
            0x66,                                                              \
            0x53,                                                              \
            0x7c,                                                              \
            0x17,                                                              \
            0x1c,                                                              \
            0xb5,                                                              \
            0x6e,                                                              \
            0x40,                                                              \
            0x3c,                                                              \
            0x4d,                                                              \
            0xc1,                                                              \
            0xd4,                                                              \
            0xb6,                                                              \
            0x4f,                                                              \
            0x43,                                                              \
            0x26,                                                              \
            0x11,                                                              \
            0xdc,                                                              \
            0x38,                                                              \
            0x6e,                                                              \
            0x6f,                                                              \
            0x53,                                                              \
            0x20,                                                              \
            0x50,                                                              \
            0xc3,                                                              \
            0x27,                                                              \
            0x8c,                                                              \
            0x93,                                                              \
            0x0e,                                                              \
            0x14,                                                              \
            0x3e,                                                              \
            0x8b,                                                              \
            0xb1,                                                              \
            0x13,                                                              \
            0x38,                                                              \
            0x24,                                                              \
            0xcc,                                                              \
            0xb4,                                                              \
            0x31,                                                              \
            0x05,                                                              \
            0x38,                                                              \
            0x71,                                                              \
            0xc6,                                                              \
            0xdb,                                                              \
            0x53                                                               \
        }                                                                      \
    }
#define POLICY_B_384                                                           \
    {                                                                          \
        .size = 48, .buffer = {                                                \
            0xb2,                                                              \
            0x6e,                                                              \
            0x7d,                                                              \
            0x28,                                                              \
            0xd1,                                                              \
            0x1a,                                                              \
            0x50,                                                              \
            0xbc,                                                              \
            0x53,                                                              \
            0xd8,                                                              \
            0x82,                                                              \
            0xbc,                                                              \
            0xf5,                                                              \
            0xfd,                                                              \
            0x3a,                                                              \
            0x1a,                                                              \
            0x07,                                                              \
            0x41,                                                              \
            0x48,                                                              \
            0xbb,                                                              \
            0x35,                                                              \
            0xd3,                                                              \
            0xb4,                                                              \
            0xe4,                                                              \
            0xcb,                                                              \
            0x1c,                                                              \
            0x0a,                                                              \
            0xd9,                                                              \
            0xbd,                                                              \
            0xe4,                                                              \
            0x19,                                                              \
            0xca,                                                              \
            0xcb,                                                              \
            0x47,                                                              \
            0xba,                                                              \
            0x09,                                                              \
            0x69,                                                              \
            0x96,                                                              \
            0x46,                                                              \
            0x15,                                                              \
            0x0f,                                                              \
            0x9f,                                                              \
            0xc0,                                                              \
            0x00,                                                              \
            0xf3,                                                              \
            0xf8,                                                              \
            0x0e,                                                              \
            0x12                                                               \
        }                                                                      \
    }
#define POLICY_C_384                                                           \
    {                                                                          \
        .size = 48, .buffer = {                                                \
            0xd6,                                                              \
            0x03,                                                              \
            0x2c,                                                              \
            0xe6,                                                              \
            0x1f,                                                              \
            0x2f,                                                              \
            0xb3,                                                              \
            0xc2,                                                              \
            0x40,                                                              \
            0xeb,                                                              \
            0x3c,                                                              \
            0xf6,                                                              \
            0xa3,                                                              \
            0x32,                                                              \
            0x37,                                                              \
            0xef,                                                              \
            0x2b,                                                              \
            0x6a,                                                              \
            0x16,                                                              \
            0xf4,                                                              \
            0x29,                                                              \
            0x3c,                                                              \
            0x22,                                                              \
            0xb4,                                                              \
            0x55,                                                              \
            0xe2,                                                              \
            0x61,                                                              \
            0xcf,                                                              \
            0xfd,                                                              \
            0x21,                                                              \
            0x7a,                                                              \
            0xd5,                                                              \
            0xb4,                                                              \
            0x94,                                                              \
            0x7c,                                                              \
            0x2d,                                                              \
            0x73,                                                              \
            0xe6,                                                              \
            0x30,                                                              \
            0x05,                                                              \
            0xee,                                                              \
            0xd2,                                                              \
            0xdc,                                                              \
            0x2b,                                                              \
            0x35,                                                              \
            0x93,                                                              \
            0xd1,                                                              \
            0x65                                                               \
        }                                                                      \
    }

static const struct {
    const char *algorithm;
    TPM2_HANDLE certificate; /* index in NV */
    TPM2_HANDLE handle;      /* where the key may stand, or 0 */
    TPM2B_PUBLIC template;
} kinds[TPM2_ENDORSEMENT__MAX] = {
    [TPM2_ENDORSEMENT_RSA] =
        {"RSA-2048",
         0x01c00002,
         0x81010001,
         {.publicArea = {.type = TPM2_ALG_RSA,
                         .nameAlg = TPM2_ALG_SHA256,
                         .objectAttributes = ATTRIBUTES,
                         .authPolicy = POLICY_A_256,
                         .parameters.rsaDetail = {.symmetric = CIPHER(128),
                                                  .scheme.scheme =
                                                      TPM2_ALG_NULL,
                                                  .keyBits = 2048},
                         .unique.rsa.size = 256}}},
    [TPM2_ENDORSEMENT_P256] =
        {"P-256",
         0x01c0000a,
         0, /* nobody has fixed a handle */
         {.publicArea = {.type = TPM2_ALG_ECC,
                         .nameAlg = TPM2_ALG_SHA256,
                         .objectAttributes = ATTRIBUTES,
                         .authPolicy = POLICY_A_256,
                         .parameters.eccDetail = {.symmetric = CIPHER(128),
                                                  .scheme.scheme =
                                                      TPM2_ALG_NULL,
                                                  .curveID = TPM2_ECC_NIST_P256,
                                                  .kdf.scheme = TPM2_ALG_NULL},
                         .unique.ecc = {.x.size = 32, .y.size = 32}}}},
    [TPM2_ENDORSEMENT_P384] =
        {"P-384",
         0x01c00016,
         0x81010016,
         {.publicArea = {.type = TPM2_ALG_ECC,
                         .nameAlg = TPM2_ALG_SHA384,
                         .objectAttributes = ATTRIBUTES |
                                             TPMA_OBJECT_USERWITHAUTH,
                         .authPolicy = POLICY_B_384,
                         .parameters.eccDetail =
                             {.symmetric = CIPHER(256),
                              .scheme.scheme = TPM2_ALG_NULL,
                              .curveID = TPM2_ECC_NIST_P384,
                              .kdf.scheme = TPM2_ALG_NULL}}}},
};

enum tpm2_endorsement_kind
tpm2_endorsement_choose(const struct tpm2_nv_list *list)
{
    for (unsigned i = 0; i < TPM2_ENDORSEMENT__MAX; i++)
        if (tpm2_nv_has(list, kinds[i].certificate))
            return (enum tpm2_endorsement_kind)i;
    return TPM2_ENDORSEMENT_RSA;
}

/* Is AREA of TEMPLATE, but for its numbers? */
static bool
is_of(const TPM2B_PUBLIC *template, const TPM2B_PUBLIC *area)
{
    TPM2B_PUBLIC bare = *area;
    uint8_t wanted[sizeof bare], got[sizeof bare];
    size_t wanted_length = 0, length = 0;

    if (area->publicArea.type != template->publicArea.type)
        return false;
    bare.publicArea.unique = template->publicArea.unique;
    return Tss2_MU_TPMT_PUBLIC_Marshal(&template->publicArea, wanted,
                                       sizeof wanted,
                                       &wanted_length) == TSS2_RC_SUCCESS &&
           Tss2_MU_TPMT_PUBLIC_Marshal(&bare.publicArea, got, sizeof got,
                                       &length) == TSS2_RC_SUCCESS &&
           length == wanted_length && memcmp(got, wanted, length) == 0;
}

static TSS2_RC
read_area(ESYS_CONTEXT *esys, ESYS_TR object, TPM2B_PUBLIC *ret)
{
    TPM2B_PUBLIC *area = NULL;
    TSS2_RC rc = Esys_ReadPublic(esys, object, ESYS_TR_NONE, ESYS_TR_NONE,
                                 ESYS_TR_NONE, &area, NULL, NULL);

    if (rc == TSS2_RC_SUCCESS)
        *ret = *area;
    Esys_Free(area);
    return rc;
}

bool
tpm2_endorsement_is(ESYS_CONTEXT *esys, ESYS_TR object)
{
    TPM2B_PUBLIC area;

    if (read_area(esys, object, &area) != TSS2_RC_SUCCESS)
        return false;
    for (unsigned i = 0; i < TPM2_ENDORSEMENT__MAX; i++)
        if (is_of(&kinds[i].template, &area))
            return true;
    return false;
}

/* The one at its handle; nothing there, or another key, is no failure. */
static TSS2_RC
find(struct tpm2_connection *tpm, struct tpm2_endorsement *ek)
{
    TPM2_HANDLE handle = kinds[ek->kind].handle;
    TSS2_RC rc;

    ek->slot = (struct tpm2_slot){.id = "EK", .object = ESYS_TR_NONE};
    if (handle == 0)
        return TSS2_RC_SUCCESS;
    rc = Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
                               ESYS_TR_NONE, &ek->slot.object);
    if (rc != TSS2_RC_SUCCESS) {
        ek->slot.object = ESYS_TR_NONE;
        return tpm2_rc_base(rc) == TPM2_RC_HANDLE ? TSS2_RC_SUCCESS : rc;
    }
    rc = read_area(tpm->esys, ek->slot.object, &ek->public);
    ek->slot.persistent = rc == TSS2_RC_SUCCESS &&
                          is_of(&kinds[ek->kind].template, &ek->public);
    if (!ek->slot.persistent)
        (void)Esys_TR_Close(tpm->esys, &ek->slot.object);
    return rc;
}

static enum ks_err
has_password(struct err_cause *cause)
{
    return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                   "the TPM's endorsement hierarchy has a password; take it "
                   "off (tpm2_changeauth -c endorsement -p OLD), or do "
                   "without attestation");
}

enum ks_err
tpm2_endorsement_find(struct tpm2_connection *tpm, struct tpm2_endorsement *ret,
                      struct err_cause *cause)
{
    TSS2_RC rc = find(tpm, ret);

    return rc == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_connection_fail(tpm, cause, rc, "TPM2_ReadPublic");
}

enum ks_err
tpm2_endorsement_check(struct tpm2_connection *tpm, struct err_cause *cause)
{
    struct tpm2_property property = {.maker = ""};
    TSS2_RC rc = tpm2_property_read_lockout(tpm->esys, &property);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_GetCapability");
    return property.endorsement_auth ? has_password(cause) : KS_OK;
}

enum ks_err
tpm2_endorsement_make(struct tpm2_connection *tpm, struct tpm2_endorsement *ek,
                      struct err_cause *cause)
{
    static const TPM2B_SENSITIVE_CREATE sensitive;
    static const TPM2B_DATA outside;
    static const TPML_PCR_SELECTION none;
    TPM2B_PUBLIC *public = NULL;
    TSS2_RC rc = Esys_CreatePrimary(
        tpm->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD, ESYS_TR_NONE,
        ESYS_TR_NONE, &sensitive, &kinds[ek->kind].template, &outside, &none,
        &ek->slot.object, &public, NULL, NULL, NULL);

    if (rc == TSS2_RC_SUCCESS)
        ek->public = *public;
    else
        ek->slot.object = ESYS_TR_NONE;
    Esys_Free(public);
    if (tpm2_rc_is_refused(rc))
        return has_password(cause);
    if (tpm2_rc_base(rc) == TPM2_RC_HIERARCHY)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "the TPM's endorsement hierarchy is switched off; "
                       "switch it on in the firmware's setup, or do without "
                       "attestation");
    return rc == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_connection_fail(tpm, cause, rc, "TPM2_CreatePrimary");
}

static enum ks_err
put_public(const struct tpm2_endorsement *ek, struct evidence_endorsement *ret,
           struct err_cause *cause)
{
    enum material_type type;
    EVP_PKEY *key = NULL;
    unsigned char *der = NULL;
    int length = -1;
    enum ks_err rc = tpm2_public_marshal(&ek->public, &ret->public, cause);

    if (rc == KS_OK)
        rc = tpm2_public_read(&ek->public, &type, &key, cause);
    if (rc == KS_OK)
        length = i2d_PUBKEY(key, &der);
    if (rc == KS_OK &&
        (length <= 0 || EVP_Digest(der, (size_t)length, ret->sha256, NULL,
                                   EVP_sha256(), NULL) != 1))
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "endorsement key");
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return rc;
}

enum ks_err
tpm2_endorsement_describe(struct tpm2_connection *tpm,
                          const struct tpm2_endorsement *ek,
                          const struct tpm2_nv_list *list,
                          struct evidence_endorsement *ret,
                          struct err_cause *cause)
{
    TPM2_HANDLE index = kinds[ek->kind].certificate;
    enum ks_err rc = put_public(ek, ret, cause);

    (void)snprintf(ret->algorithm, sizeof ret->algorithm, "%s",
                   kinds[ek->kind].algorithm);
    ret->certificate_length = 0;
    if (rc == KS_OK && tpm2_nv_has(list, index))
        rc = tpm2_nv_read(tpm, index, ret->certificate, sizeof ret->certificate,
                          &ret->certificate_length, cause);
    return rc;
}

/* Of template H the policy is one of two, and the endorsement hierarchy's
 * consent the one that every TPM can satisfy.  The key's own empty password
 * would do, too, but not while the TPM is in lockout. */
static TSS2_RC
satisfy(struct tpm2_connection *tpm, enum tpm2_endorsement_kind kind,
        ESYS_TR session)
{
    static const TPML_DIGEST either = {.count = 2,
                                       .digests = {POLICY_A_384, POLICY_C_384}};
    TSS2_RC rc = Esys_TRSess_SetAttributes(tpm->esys, session,
                                           TPMA_SESSION_ENCRYPT, 0xff);

    if (rc == TSS2_RC_SUCCESS)
        rc = Esys_PolicySecret(tpm->esys, ESYS_TR_RH_ENDORSEMENT, session,
                               ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                               NULL, NULL, NULL, 0, NULL, NULL);
    if (rc == TSS2_RC_SUCCESS && kind == TPM2_ENDORSEMENT_P384)
        rc = Esys_PolicyOR(tpm->esys, session, ESYS_TR_NONE, ESYS_TR_NONE,
                           ESYS_TR_NONE, &either);
    return rc;
}

enum ks_err
tpm2_endorsement_authorise(struct tpm2_connection *tpm, ESYS_TR salt,
                           enum tpm2_endorsement_kind kind, ESYS_TR *ret,
                           struct err_cause *cause)
{
    static const TPMT_SYM_DEF cipher = CIPHER(128);
    ESYS_TR session = ESYS_TR_NONE;
    TSS2_RC rc = Esys_StartAuthSession(
        tpm->esys, salt, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
        NULL, TPM2_SE_POLICY, &cipher, kinds[kind].template.publicArea.nameAlg,
        &session);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_StartAuthSession");
    rc = satisfy(tpm, kind, session);
    if (rc == TSS2_RC_SUCCESS) {
        *ret = session;
        return KS_OK;
    }
    (void)Esys_FlushContext(tpm->esys, session);
    return tpm2_rc_is_refused(rc)
               ? has_password(cause)
               : tpm2_connection_fail(tpm, cause, rc, "TPM2_PolicySecret");
}
