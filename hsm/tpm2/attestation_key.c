/* SPDX-License-Identifier: Apache-2.0 */
/* An empty password is enough: of a key that nobody but this connection can
 * use, and that signs nothing of its caller's. */
#include "hsm/tpm2/attestation_key.h"

#include <string.h>

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"

static const TPM2B_PUBLIC template = {
    .publicArea = {
        .type = TPM2_ALG_ECC,
        .nameAlg = TPM2_ALG_SHA256,
        .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN |
                            TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
                            TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
        .parameters.eccDetail = {
            .symmetric.algorithm = TPM2_ALG_NULL,
            .scheme = {.scheme = TPM2_ALG_ECDSA,
                       .details.ecdsa.hashAlg = TPM2_ALG_SHA256},
            .curveID = TPM2_ECC_NIST_P256,
            .kdf.scheme = TPM2_ALG_NULL}}};

static TSS2_RC
create(const struct tpm2_connection *tpm, const struct tpm2_srk *srk,
       struct tpm2_attestation_key *ret)
{
    static const TPM2B_SENSITIVE_CREATE sensitive;
    static const TPM2B_DATA outside;
    static const TPML_PCR_SELECTION none;
    TPM2B_PRIVATE *private = NULL;
    TPM2B_PUBLIC *public = NULL;
    TPM2B_CREATION_DATA *creation = NULL;
    TPM2B_DIGEST *hash = NULL;
    TPMT_TK_CREATION *ticket = NULL;
    TSS2_RC rc = Esys_Create(tpm->esys, srk->object, ESYS_TR_PASSWORD,
                             ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &template,
                             &outside, &none, &private, &public, &creation,
                             &hash, &ticket);

    if (rc == TSS2_RC_SUCCESS) {
        /* A literal of the whole is too large for a stack. */
        memset(ret, 0, sizeof *ret);
        ret->public = *public;
        ret->private = *private;
        ret->creation = *creation;
        ret->creation_hash = *hash;
        ret->ticket = *ticket;
        ret->slot = (struct tpm2_slot){.id = "AK", .object = ESYS_TR_NONE};
    }
    Esys_Free(private);
    Esys_Free(public);
    Esys_Free(creation);
    Esys_Free(hash);
    Esys_Free(ticket);
    return rc;
}

enum ks_err
tpm2_attestation_key_make(struct tpm2_connection *tpm,
                          const struct tpm2_srk *srk,
                          struct tpm2_attestation_key *ret,
                          struct err_cause *cause)
{
    TSS2_RC tss = create(tpm, srk, ret);
    enum ks_err rc;

    /* The template alone is in the parameters. */
    if (tpm2_rc_is_of_parameter(tss))
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "the TPM makes no attestation key of P-256");
    if (tss != TSS2_RC_SUCCESS)
        return tpm2_srk_fail(tpm, cause, tss, "TPM2_Create");
    rc = tpm2_public_check_made(&template, &ret->public, cause);
    if (rc == KS_OK)
        rc = tpm2_public_name(&ret->public, &ret->name, cause);
    return rc;
}

enum ks_err
tpm2_attestation_key_load(struct tpm2_connection *tpm,
                          const struct tpm2_srk *srk,
                          struct tpm2_attestation_key *key,
                          struct err_cause *cause)
{
    TSS2_RC rc = Esys_Load(tpm->esys, srk->object, ESYS_TR_PASSWORD,
                           ESYS_TR_NONE, ESYS_TR_NONE, &key->private,
                           &key->public, &key->slot.object);

    if (rc == TSS2_RC_SUCCESS)
        return KS_OK;
    key->slot.object = ESYS_TR_NONE;
    return tpm2_srk_fail(tpm, cause, rc, "TPM2_Load");
}
