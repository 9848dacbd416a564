/* SPDX-License-Identifier: Apache-2.0 */
/* A Name is never taken from the TPM's answer, but computed of the area that is
 * then used: on the bus one could be true and the other not. */
#include "hsm/tpm2/primary.h"

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"
#include "keystore/base/hex.h"

#define ATTRIBUTES                                                             \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |              \
     TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

#define CIPHER                                                                 \
    {                                                                          \
        .algorithm = TPM2_ALG_AES, .keyBits.aes = 128,                         \
        .mode.aes = TPM2_ALG_CFB                                               \
    }

#define ECC_DETAIL                                                             \
    {                                                                          \
        .symmetric = CIPHER, .scheme.scheme = TPM2_ALG_NULL,                   \
        .curveID = TPM2_ECC_NIST_P256, .kdf.scheme = TPM2_ALG_NULL             \
    }

/* TCG EK Credential Profile, templates L-2 and L-1 with the attributes of a
 * storage root key and an empty policy (TCG Provisioning Guidance, 7.5.1); and
 * template H-2 in the same way, which draft-bottomley-tpm2-keys wants for a
 * parent that is a hierarchy. */
static const TPM2B_PUBLIC templates[TPM2_PRIMARY__MAX] = {
    [TPM2_PRIMARY_ECC] = {.publicArea = {.type = TPM2_ALG_ECC,
                                         .nameAlg = TPM2_ALG_SHA256,
                                         .objectAttributes = ATTRIBUTES,
                                         .parameters.eccDetail = ECC_DETAIL,
                                         .unique.ecc = {.x.size = 32,
                                                        .y.size = 32}}},
    [TPM2_PRIMARY_RSA] =
        {.publicArea = {.type = TPM2_ALG_RSA,
                        .nameAlg = TPM2_ALG_SHA256,
                        .objectAttributes = ATTRIBUTES,
                        .parameters.rsaDetail = {.symmetric = CIPHER,
                                                 .scheme.scheme = TPM2_ALG_NULL,
                                                 .keyBits = 2048},
                        .unique.rsa.size = 256}},
    [TPM2_PRIMARY_FILE] = {.publicArea = {.type = TPM2_ALG_ECC,
                                          .nameAlg = TPM2_ALG_SHA256,
                                          .objectAttributes = ATTRIBUTES,
                                          .parameters.eccDetail = ECC_DETAIL}},
};

static TSS2_RC
read_name(ESYS_CONTEXT *esys, struct tpm2_primary *primary)
{
    TPM2B_NAME *name = NULL;
    TSS2_RC rc = Esys_TR_GetName(esys, primary->object, &name);

    if (rc == TSS2_RC_SUCCESS)
        primary->name = *name;
    Esys_Free(name);
    return rc;
}

TSS2_RC
tpm2_primary_find(ESYS_CONTEXT *esys, TPM2_HANDLE handle,
                  struct tpm2_primary *ret)
{
    TSS2_RC rc = Esys_TR_FromTPMPublic(esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
                                       ESYS_TR_NONE, &ret->object);

    if (rc == TSS2_RC_SUCCESS)
        return read_name(esys, ret);
    ret->object = ESYS_TR_NONE;
    return tpm2_rc_base(rc) == TPM2_RC_HANDLE ? TSS2_RC_SUCCESS : rc;
}

TSS2_RC
tpm2_primary_make(ESYS_CONTEXT *esys, enum tpm2_primary_kind kind,
                  struct tpm2_primary *ret)
{
    static const TPM2B_SENSITIVE_CREATE sensitive;
    static const TPM2B_DATA outside;
    static const TPML_PCR_SELECTION none;
    TPM2B_PUBLIC *public = NULL;
    TSS2_RC rc = Esys_CreatePrimary(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
                                    ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                                    &templates[kind], &outside, &none,
                                    &ret->object, &public, NULL, NULL, NULL);

    if (rc == TSS2_RC_SUCCESS) {
        ret->public = *public;
        rc = read_name(esys, ret);
    } else {
        ret->object = ESYS_TR_NONE;
    }
    Esys_Free(public);
    return rc;
}

/* Is STANDING of TEMPLATE with the numbers of AREA?  Then its area is known. */
static bool
is_made_by(const TPM2B_PUBLIC *template, const TPM2B_PUBLIC *area,
           struct tpm2_primary *standing)
{
    TPM2B_PUBLIC made = *template;
    TPM2B_NAME name;

    made.publicArea.unique = area->publicArea.unique;
    if (area->publicArea.type != template->publicArea.type ||
        tpm2_public_name(&made, &name, NULL) != KS_OK ||
        !tpm2_public_same_name(&name, &standing->name))
        return false;
    standing->public = made;
    return true;
}

TSS2_RC
tpm2_primary_match(ESYS_CONTEXT *esys, struct tpm2_primary *standing,
                   enum tpm2_primary_kind *ret)
{
    TPM2B_PUBLIC *area = NULL;
    TSS2_RC rc = Esys_ReadPublic(esys, standing->object, ESYS_TR_NONE,
                                 ESYS_TR_NONE, ESYS_TR_NONE, &area, NULL, NULL);
    unsigned kind = 0;

    if (rc != TSS2_RC_SUCCESS)
        return rc;
    while (kind < TPM2_PRIMARY__MAX &&
           !is_made_by(&templates[kind], area, standing))
        kind++;
    *ret = (enum tpm2_primary_kind)kind;
    Esys_Free(area);
    return rc;
}

void
tpm2_primary_serial(const TPM2B_NAME *name,
                    char ret[static KEYSTORE_SERIAL_SIZE])
{
    size_t length = name->size > 2 ? name->size - 2u : 0;

    /* A Name is the hash algorithm's id and a hash (Part 1, 16). */
    if (length > (KEYSTORE_SERIAL_SIZE - 1) / 2)
        length = (KEYSTORE_SERIAL_SIZE - 1) / 2;
    hex_write(ret, name->name + 2, length);
}
