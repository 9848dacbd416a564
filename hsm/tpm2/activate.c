/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the TPM does not take of a challenge, its parameters, is the
 * challenge's fault; everything else is as with any command. */
#include "hsm/tpm2/activate.h"

#include <string.h>

#include <openssl/crypto.h>
#include <tss2/tss2_mu.h>

#include "hsm/tpm2/rc.h"

static const uint8_t magic[] = {0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1};

enum ks_err
tpm2_challenge_read(const uint8_t *bytes, size_t length,
                    struct tpm2_challenge *ret, struct err_cause *cause)
{
    size_t offset = sizeof magic;

    if (length < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0)
        return err_set(cause, KS_ERR_ATTEST_CHALLENGE,
                       "it does not begin as a challenge of version 1 does");
    if (Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(bytes, length, &offset,
                                          &ret->object) != TSS2_RC_SUCCESS ||
        Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(bytes, length, &offset,
                                                 &ret->seed) != TSS2_RC_SUCCESS)
        return err_set(cause, KS_ERR_ATTEST_CHALLENGE,
                       "its %zu bytes are cut short", length);
    if (offset != length)
        return err_set(cause, KS_ERR_ATTEST_CHALLENGE,
                       "%zu bytes stand behind it", length - offset);
    if (ret->object.size == 0 || ret->seed.size == 0)
        return err_set(cause, KS_ERR_ATTEST_CHALLENGE,
                       "there is nothing in it");
    return KS_OK;
}

static enum ks_err
take_secret(TPM2B_DIGEST *secret, struct evidence *ret, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    if (secret->size == 0 || secret->size > sizeof ret->secret) {
        rc = err_set(cause, KS_ERR_ATTEST_CHALLENGE, "its secret has %u bytes",
                     secret->size);
    } else {
        memcpy(ret->secret, secret->buffer, secret->size);
        ret->secret_length = secret->size;
    }
    OPENSSL_cleanse(secret, sizeof *secret);
    Esys_Free(secret);
    return rc;
}

/* TPM2_ActivateCredential failed with RC, and the policy session could be
 * FLUSHED or not.  libtpms says TPM_RC_FAILURE of a seed that its RSA key
 * cannot decrypt; a TPM that has really failed flushes nothing (Part 1, 10.4).
 */
static enum ks_err
failed(struct tpm2_connection *tpm, TSS2_RC rc, bool flushed,
       struct err_cause *cause)
{
    if (tpm2_rc_base(rc) == TPM2_RC_INTEGRITY)
        return err_set(cause, KS_ERR_ATTEST_CHALLENGE,
                       "it was made for another attestation key, or altered");
    if (tpm2_rc_is_of_parameter(rc) ||
        (tpm2_rc_base(rc) == TPM2_RC_FAILURE && flushed))
        return err_set(cause, KS_ERR_ATTEST_CHALLENGE,
                       "it was made for another endorsement key, or altered");
    return tpm2_connection_fail(tpm, cause, rc, "TPM2_ActivateCredential");
}

enum ks_err
tpm2_activate(const struct tpm2_activation *by,
              const struct tpm2_challenge *challenge, struct evidence *ret,
              struct err_cause *cause)
{
    ESYS_CONTEXT *esys = by->tpm->esys;
    ESYS_TR policy = ESYS_TR_NONE;
    TPM2B_DIGEST *secret = NULL;
    enum ks_err rc = tpm2_endorsement_authorise(by->tpm, by->salt, by->ek->kind,
                                                &policy, cause);
    TSS2_RC tss;

    if (rc != KS_OK)
        return rc;
    tss = Esys_ActivateCredential(
        esys, by->ak->slot.object, by->ek->slot.object, ESYS_TR_PASSWORD,
        policy, ESYS_TR_NONE, &challenge->object, &challenge->seed, &secret);
    if (tss == TSS2_RC_SUCCESS)
        return take_secret(secret, ret, cause);
    return failed(by->tpm, tss,
                  Esys_FlushContext(esys, policy) == TSS2_RC_SUCCESS, cause);
}
