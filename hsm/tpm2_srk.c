/* SPDX-License-Identifier: Apache-2.0 */
/* Must compare before it makes anything persistent: a TPM that is not the
 * recorded one stays as it was. */
#include "hsm/tpm2_srk.h"

#include <stdbool.h>
#include <string.h>

#include "hsm/tpm2_leftover.h"
#include "hsm/tpm2_public.h"
#include "hsm/tpm2_rc.h"
#include "keystore/key_file.h"

#define ATTRIBUTES                                                             \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |              \
     TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

#define CIPHER                                                                 \
    {                                                                          \
        .algorithm = TPM2_ALG_AES, .keyBits.aes = 128,                         \
        .mode.aes = TPM2_ALG_CFB                                               \
    }

/* TCG EK Credential Profile, templates L-2 and L-1 with the attributes of a
 * storage root key and an empty policy (TCG Provisioning Guidance, 7.5.1) */
static const TPM2B_PUBLIC ecc_template = {
    .publicArea = {.type = TPM2_ALG_ECC,
                   .nameAlg = TPM2_ALG_SHA256,
                   .objectAttributes = ATTRIBUTES,
                   .parameters.eccDetail = {.symmetric = CIPHER,
                                            .scheme.scheme = TPM2_ALG_NULL,
                                            .curveID = TPM2_ECC_NIST_P256,
                                            .kdf.scheme = TPM2_ALG_NULL},
                   .unique.ecc = {.x.size = 32, .y.size = 32}}};

static const TPM2B_PUBLIC rsa_template = {
    .publicArea = {.type = TPM2_ALG_RSA,
                   .nameAlg = TPM2_ALG_SHA256,
                   .objectAttributes = ATTRIBUTES,
                   .parameters.rsaDetail = {.symmetric = CIPHER,
                                            .scheme.scheme = TPM2_ALG_NULL,
                                            .keyBits = 2048},
                   .unique.rsa.size = 256}};

/* A key and what is public of it. */
struct root {
    ESYS_TR object; /* ESYS_TR_NONE: there is none */
    TPM2B_PUBLIC public;
    TPM2B_NAME name;
};

/* Not as the TPM calls it: of the area by which ESYS will salt. */
static TSS2_RC
read_name(ESYS_CONTEXT *esys, struct root *root)
{
    TPM2B_NAME *name = NULL;
    TSS2_RC rc = Esys_TR_GetName(esys, root->object, &name);

    if (rc == TSS2_RC_SUCCESS)
        root->name = *name;
    Esys_Free(name);
    return rc;
}

static TSS2_RC
refer(ESYS_CONTEXT *esys, ESYS_TR *ret)
{
    return Esys_TR_FromTPMPublic(esys, TPM2_SRK_HANDLE, ESYS_TR_NONE,
                                 ESYS_TR_NONE, ESYS_TR_NONE, ret);
}

/* What stands at the handle; no such object is no failure. */
static TSS2_RC
find_persistent(struct tpm2_store *store, struct root *ret)
{
    ESYS_CONTEXT *esys = store->esys;
    TSS2_RC rc = refer(esys, &ret->object);

    /* To be read it takes a slot. */
    if (tpm2_rc_base(rc) == TPM2_RC_OBJECT_MEMORY &&
        tpm2_leftover_flush(store, &ret->name) > 0)
        rc = refer(esys, &ret->object);
    if (tpm2_rc_base(rc) == TPM2_RC_HANDLE) {
        ret->object = ESYS_TR_NONE;
        return TSS2_RC_SUCCESS;
    }
    return rc == TSS2_RC_SUCCESS ? read_name(esys, ret) : rc;
}

static TSS2_RC
make_primary(ESYS_CONTEXT *esys, const TPM2B_PUBLIC *template, struct root *ret)
{
    static const TPM2B_SENSITIVE_CREATE sensitive;
    static const TPM2B_DATA outside;
    static const TPML_PCR_SELECTION none;
    TPM2B_PUBLIC *public = NULL;
    TSS2_RC rc = Esys_CreatePrimary(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
                                    ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                                    template, &outside, &none, &ret->object,
                                    &public, NULL, NULL, NULL);

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
           struct root *standing)
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

/* Without the owner's consent the standing key can only be believed; one from
 * outside has not the template's attributes (Part 1, 25.2). */
static enum ks_err
believe(struct tpm2_store *store, struct root *standing,
        struct err_cause *cause)
{
    TPM2B_PUBLIC *area = NULL;
    TSS2_RC rc;
    bool good;

    if (standing->object == ESYS_TR_NONE)
        return err_set(cause, KS_ERR_TPM_OWNER,
                       "and there is no storage root key at 0x%x",
                       TPM2_SRK_HANDLE);
    rc = Esys_ReadPublic(store->esys, standing->object, ESYS_TR_NONE,
                         ESYS_TR_NONE, ESYS_TR_NONE, &area, NULL, NULL);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_store_fail(store, cause, rc, "TPM2_ReadPublic");
    good = is_made_by(&ecc_template, area, standing) ||
           is_made_by(&rsa_template, area, standing);
    Esys_Free(area);
    return good ? KS_OK
                : err_set(cause, KS_ERR_TPM_SRK,
                          "the key at 0x%x is not of a standard template",
                          TPM2_SRK_HANDLE);
}

static void
serial_of(const TPM2B_NAME *name, char ret[static KEYSTORE_SERIAL_SIZE])
{
    size_t length = name->size > 2 ? name->size - 2u : 0;

    /* A Name is the hash algorithm's id and a hash (Part 1, 16). */
    if (length > (KEYSTORE_SERIAL_SIZE - 1) / 2)
        length = (KEYSTORE_SERIAL_SIZE - 1) / 2;
    key_file_hex(ret, name->name + 2, length);
}

static enum ks_err
keep(struct tpm2_store *store, const struct root *primary, ESYS_TR *ret,
     struct err_cause *cause)
{
    TSS2_RC rc = Esys_EvictControl(
        store->esys, ESYS_TR_RH_OWNER, primary->object, ESYS_TR_PASSWORD,
        ESYS_TR_NONE, ESYS_TR_NONE, TPM2_SRK_HANDLE, ret);

    return rc == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_store_fail(store, cause, rc, "TPM2_EvictControl");
}

/* PRIMARY is what the TPM made just now, if its owner let it. */
static enum ks_err
choose(struct tpm2_store *store, struct root *standing,
       const struct root *primary, const char *serial, struct err_cause *cause)
{
    const struct root *root = store->store.info.srk_unverified ? standing
                                                               : primary;
    char now[KEYSTORE_SERIAL_SIZE];

    serial_of(&root->name, now);
    if (standing->object != ESYS_TR_NONE &&
        !tpm2_public_same_name(&root->name, &standing->name))
        return err_set(cause, KS_ERR_TPM_SRK,
                       "the key at 0x%x is not what the TPM makes",
                       TPM2_SRK_HANDLE);
    if (serial != NULL && strcmp(serial, now) != 0)
        return err_set(cause, KS_ERR_TOKEN_OTHER,
                       "the TPM was cleared or replaced, its keys are lost");
    if (standing->object == ESYS_TR_NONE) {
        enum ks_err rc = keep(store, primary, &standing->object, cause);

        if (rc != KS_OK)
            return rc;
    }
    store->srk = standing->object;
    store->srk_public = root->public;
    store->srk_name = root->name;
    memcpy(store->store.info.serial, now, sizeof now);
    return KS_OK;
}

/* As TEMPLATE says; where all slots are full, without what we left in them. */
static TSS2_RC
remake(struct tpm2_store *store, const TPM2B_PUBLIC *template,
       const struct root *standing, struct root *ret)
{
    TSS2_RC rc = make_primary(store->esys, template, ret);

    if (tpm2_rc_base(rc) == TPM2_RC_OBJECT_MEMORY &&
        tpm2_leftover_flush(store, &standing->name) > 0)
        rc = make_primary(store->esys, template, ret);
    return rc;
}

/* Other software keeps an RSA key there: it is as good, if it is the TPM's.
 * What kind it is nobody is asked, for the bus could answer anything. */
static TSS2_RC
remake_rsa(struct tpm2_store *store, const struct root *standing,
           struct root *ret)
{
    TSS2_RC rc;

    if (standing->object == ESYS_TR_NONE ||
        tpm2_public_same_name(&standing->name, &ret->name))
        return TSS2_RC_SUCCESS;
    rc = Esys_FlushContext(store->esys, ret->object);
    ret->object = ESYS_TR_NONE;
    return rc == TSS2_RC_SUCCESS ? remake(store, &rsa_template, standing, ret)
                                 : rc;
}

enum ks_err
tpm2_srk_look(struct tpm2_store *store, char ret[static KEYSTORE_SERIAL_SIZE],
              struct err_cause *cause)
{
    struct root standing = {.object = ESYS_TR_NONE};
    TSS2_RC rc = find_persistent(store, &standing);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_store_fail(store, cause, rc, "TPM2_ReadPublic");
    ret[0] = '\0';
    if (standing.object != ESYS_TR_NONE)
        serial_of(&standing.name, ret);
    return KS_OK;
}

enum ks_err
tpm2_srk_open(struct tpm2_store *store, const char *serial,
              struct err_cause *cause)
{
    struct root standing = {.object = ESYS_TR_NONE};
    struct root primary = {.object = ESYS_TR_NONE};
    enum ks_err rc = KS_OK;
    TSS2_RC tss = find_persistent(store, &standing);

    if (tss != TSS2_RC_SUCCESS)
        return tpm2_store_fail(store, cause, tss, "TPM2_ReadPublic");
    tss = remake(store, &ecc_template, &standing, &primary);
    if (tss == TSS2_RC_SUCCESS)
        tss = remake_rsa(store, &standing, &primary);
    store->store.info.srk_unverified = tpm2_rc_is_refused(tss);
    if (tpm2_rc_is_refused(tss))
        rc = believe(store, &standing, cause);
    else if (tss != TSS2_RC_SUCCESS)
        rc = tpm2_store_fail(store, cause, tss, "TPM2_CreatePrimary");
    if (rc == KS_OK)
        rc = choose(store, &standing, &primary, serial, cause);
    if (primary.object != ESYS_TR_NONE)
        (void)Esys_FlushContext(store->esys, primary.object);
    return rc;
}
