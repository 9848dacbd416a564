/* SPDX-License-Identifier: Apache-2.0 */
/* A template alone decides what a primary key is: the TPM makes the same one
 * again each time.  An RSA key takes it seconds, so that the one at the handle
 * is taken where it is of the template. */
#include "hsm/tpm2/endorsement.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"

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
        if (tpm2_endorsement_template_is((enum tpm2_endorsement_kind)i, &area))
            return true;
    return false;
}

/* Is AREA of the certificate in SAID, if there is one?  Not every maker's can
 * be parsed, and each has the key's number in it. */
static bool
is_certified(const TPM2B_PUBLIC *area, const struct evidence_endorsement *said)
{
    const TPMU_PUBLIC_ID *unique = &area->publicArea.unique;
    bool rsa = area->publicArea.type == TPM2_ALG_RSA;

    return said == NULL || said->certificate_length == 0 ||
           memmem(said->certificate, said->certificate_length,
                  rsa ? unique->rsa.buffer : unique->ecc.x.buffer,
                  rsa ? unique->rsa.size : unique->ecc.x.size) != NULL;
}

/* The one at its handle; nothing there, or another key, is no failure. */
static TSS2_RC
find(struct tpm2_connection *tpm, struct tpm2_endorsement *ek,
     const struct evidence_endorsement *said)
{
    TPM2_HANDLE handle = tpm2_endorsement_templates[ek->kind].handle;
    TSS2_RC rc;

    ek->slot = (struct tpm2_slot){.id = "EK", .object = ESYS_TR_NONE};
    if (handle == 0 || ek->made)
        return TSS2_RC_SUCCESS;
    rc = Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
                               ESYS_TR_NONE, &ek->slot.object);
    if (rc != TSS2_RC_SUCCESS) {
        ek->slot.object = ESYS_TR_NONE;
        return tpm2_rc_base(rc) == TPM2_RC_HANDLE ? TSS2_RC_SUCCESS : rc;
    }
    rc = read_area(tpm->esys, ek->slot.object, &ek->public);
    ek->slot.persistent = rc == TSS2_RC_SUCCESS &&
                          tpm2_endorsement_template_is(ek->kind, &ek->public) &&
                          is_certified(&ek->public, said);
    if (!ek->slot.persistent)
        (void)Esys_TR_Close(tpm->esys, &ek->slot.object);
    ek->made = rc == TSS2_RC_SUCCESS && !ek->slot.persistent;
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
                      const struct evidence_endorsement *said,
                      struct err_cause *cause)
{
    TSS2_RC rc = find(tpm, ret, said);

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
        ESYS_TR_NONE, &sensitive, &tpm2_endorsement_templates[ek->kind].public,
        &outside, &none, &ek->slot.object, &public, NULL, NULL, NULL);

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
    /* The template alone is in the parameters. */
    if (tpm2_rc_is_of_parameter(rc))
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "the TPM makes no endorsement key of %s",
                       tpm2_endorsement_templates[ek->kind].algorithm);
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
tpm2_endorsement_read_certificate(struct tpm2_connection *tpm,
                                  enum tpm2_endorsement_kind kind,
                                  const struct tpm2_nv_list *list,
                                  struct evidence_endorsement *ret,
                                  struct err_cause *cause)
{
    TPM2_HANDLE index = tpm2_endorsement_templates[kind].certificate;
    const struct tpm2_nv_room room = {ret->certificate, sizeof ret->certificate,
                                      &ret->certificate_length};

    ret->certificate_length = 0;
    return tpm2_nv_has(list, index) ? tpm2_nv_read(tpm, index, &room, cause)
                                    : KS_OK;
}

enum ks_err
tpm2_endorsement_choose(struct tpm2_connection *tpm,
                        const struct tpm2_nv_list *list,
                        enum tpm2_endorsement_kind *ret_kind,
                        struct evidence_endorsement *ret,
                        struct err_cause *cause)
{
    for (unsigned i = 0; i < TPM2_ENDORSEMENT__MAX; i++) {
        enum ks_err rc;

        *ret_kind = (enum tpm2_endorsement_kind)i;
        rc = tpm2_endorsement_read_certificate(tpm, *ret_kind, list, ret,
                                               cause);
        if (rc != KS_OK || ret->certificate_length != 0)
            return rc;
    }
    *ret_kind = TPM2_ENDORSEMENT_RSA;
    return KS_OK;
}

enum ks_err
tpm2_endorsement_describe(const struct tpm2_endorsement *ek,
                          struct evidence_endorsement *ret,
                          struct err_cause *cause)
{
    (void)snprintf(ret->algorithm, sizeof ret->algorithm, "%s",
                   tpm2_endorsement_templates[ek->kind].algorithm);
    return put_public(ek, ret, cause);
}

/* Template H has a policy of two ways, of which every TPM can go the
 * endorsement hierarchy's consent.  The key's own empty password would do, too,
 * but not while the TPM is in lockout. */
static TSS2_RC
satisfy(struct tpm2_connection *tpm, enum tpm2_endorsement_kind kind,
        ESYS_TR session)
{
    TSS2_RC rc = Esys_TRSess_SetAttributes(tpm->esys, session,
                                           TPMA_SESSION_ENCRYPT, 0xff);

    if (rc == TSS2_RC_SUCCESS)
        rc = Esys_PolicySecret(tpm->esys, ESYS_TR_RH_ENDORSEMENT, session,
                               ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                               NULL, NULL, NULL, 0, NULL, NULL);
    if (rc == TSS2_RC_SUCCESS && kind == TPM2_ENDORSEMENT_P384)
        rc = Esys_PolicyOR(tpm->esys, session, ESYS_TR_NONE, ESYS_TR_NONE,
                           ESYS_TR_NONE, &tpm2_endorsement_either);
    return rc;
}

enum ks_err
tpm2_endorsement_authorise(struct tpm2_connection *tpm, ESYS_TR salt,
                           enum tpm2_endorsement_kind kind, ESYS_TR *ret,
                           struct err_cause *cause)
{
    static const TPMT_SYM_DEF cipher = {.algorithm = TPM2_ALG_AES,
                                        .keyBits.aes = 128,
                                        .mode.aes = TPM2_ALG_CFB};
    ESYS_TR session = ESYS_TR_NONE;
    TSS2_RC rc = Esys_StartAuthSession(
        tpm->esys, salt, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
        NULL, TPM2_SE_POLICY, &cipher,
        tpm2_endorsement_templates[kind].public.publicArea.nameAlg, &session);

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
