/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation key's scheme is its own, so that none is named here. */
#include "hsm/tpm2/certify.h"

#include <string.h>

#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "hsm/tpm2/rc.h"

/* A PCR may be extended between reading it and quoting it. */
#define QUOTES_MAX 3

static const TPMT_SIG_SCHEME own = {.scheme = TPM2_ALG_NULL};

/* Take over the statement that a command has made. */
static enum ks_err
take(TPM2B_ATTEST *statement, TPMT_SIGNATURE *signature,
     struct evidence_statement *ret, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    ret->length = ret->signature_length = 0;
    if (statement->size > sizeof ret->bytes ||
        Tss2_MU_TPMT_SIGNATURE_Marshal(
            signature, ret->signature, sizeof ret->signature,
            &ret->signature_length) != TSS2_RC_SUCCESS) {
        rc = err_set(cause, KS_ERR_TOKEN_FAILED, "its statement has %u bytes",
                     statement->size);
    } else {
        memcpy(ret->bytes, statement->attestationData, statement->size);
        ret->length = statement->size;
    }
    Esys_Free(statement);
    Esys_Free(signature);
    return rc;
}

enum ks_err
tpm2_certify_creation(const struct tpm2_certifier *by,
                      struct evidence_statement *ret, struct err_cause *cause)
{
    struct tpm2_connection *tpm = &by->store->tpm;
    const struct tpm2_attestation_key *key = by->key;
    TPM2B_ATTEST *statement = NULL;
    TPMT_SIGNATURE *signature = NULL;
    TSS2_RC rc = Esys_CertifyCreation(
        tpm->esys, key->slot.object, key->slot.object, ESYS_TR_PASSWORD,
        ESYS_TR_NONE, ESYS_TR_NONE, &by->qualifying, &key->creation_hash, &own,
        &key->ticket, &statement, &signature);

    return rc == TSS2_RC_SUCCESS
               ? take(statement, signature, ret, cause)
               : tpm2_connection_fail(tpm, cause, rc, "TPM2_CertifyCreation");
}

enum ks_err
tpm2_certify(const struct tpm2_certifier *by, const struct tpm2_key *key,
             struct evidence_statement *ret, struct err_cause *cause)
{
    struct tpm2_connection *tpm = &by->store->tpm;
    TPM2B_ATTEST *statement = NULL;
    TPMT_SIGNATURE *signature = NULL;
    ESYS_TR session = ESYS_TR_NONE;
    enum ks_err rc = tpm2_store_session(by->store, &session, cause);
    TSS2_RC tss;

    if (rc != KS_OK)
        return rc;
    tss = Esys_Certify(tpm->esys, key->slot.object, by->key->slot.object,
                       session, ESYS_TR_PASSWORD, ESYS_TR_NONE, &by->qualifying,
                       &own, &statement, &signature);
    if (tpm2_rc_is_refused(tss))
        return tpm2_key_refused(key, cause);
    return tss == TSS2_RC_SUCCESS
               ? take(statement, signature, ret, cause)
               : tpm2_connection_fail(tpm, cause, tss, "TPM2_Certify");
}

static void
select_pcrs(uint32_t pcrs, TPML_PCR_SELECTION *ret)
{
    *ret = (TPML_PCR_SELECTION){.count = 1};
    ret->pcrSelections[0].hash = TPM2_ALG_SHA256;
    ret->pcrSelections[0].sizeofSelect = EVIDENCE_PCRS / 8;
    for (unsigned i = 0; i < EVIDENCE_PCRS / 8; i++)
        ret->pcrSelections[0].pcrSelect[i] = (BYTE)(pcrs >> 8 * i & 0xff);
}

/* Which of ours SELECTION has. */
static uint32_t
selected(const TPML_PCR_SELECTION *selection)
{
    const TPMS_PCR_SELECTION *first = &selection->pcrSelections[0];
    uint32_t pcrs = 0;

    if (selection->count != 1 || first->hash != TPM2_ALG_SHA256)
        return 0;
    for (unsigned i = 0; i < first->sizeofSelect && i < EVIDENCE_PCRS / 8; i++)
        pcrs |= (uint32_t)first->pcrSelect[i] << 8 * i;
    return pcrs;
}

/* Values come in the order of the PCRs' numbers, as many as fit a response, and
 * *READ says which. */
static TSS2_RC
read_some(const struct tpm2_connection *tpm, uint32_t pcrs,
          struct evidence *ret, uint32_t *read)
{
    TPML_PCR_SELECTION wanted, *got = NULL;
    TPML_DIGEST *values = NULL;
    TSS2_RC rc;

    select_pcrs(pcrs, &wanted);
    rc = Esys_PCR_Read(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                       &wanted, NULL, &got, &values);
    *read = 0;
    for (UINT32 i = 0; rc == TSS2_RC_SUCCESS && i < values->count; i++) {
        if (ret->pcr_count == EVIDENCE_PCRS || values->digests[i].size != 32)
            rc = TSS2_ESYS_RC_MALFORMED_RESPONSE;
        else
            memcpy(ret->pcr[ret->pcr_count++], values->digests[i].buffer, 32);
    }
    if (rc == TSS2_RC_SUCCESS)
        *read = selected(got) & pcrs;
    Esys_Free(got);
    Esys_Free(values);
    return rc;
}

static enum ks_err
read_pcrs(struct tpm2_connection *tpm, uint32_t pcrs, struct evidence *ret,
          struct err_cause *cause)
{
    uint32_t read = 0;

    ret->pcr_count = 0;
    for (uint32_t left = pcrs; left != 0; left &= ~read) {
        TSS2_RC rc = read_some(tpm, left, ret, &read);

        if (rc != TSS2_RC_SUCCESS)
            return tpm2_connection_fail(tpm, cause, rc, "TPM2_PCR_Read");
        if (read == 0)
            return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                           "the TPM's bank of SHA-256 lacks PCRs of those "
                           "that are to be quoted (tpm2_pcrread sha256); quote "
                           "fewer");
    }
    return KS_OK;
}

static enum ks_err
quote(const struct tpm2_certifier *by, uint32_t pcrs,
      struct evidence_statement *ret, struct err_cause *cause)
{
    struct tpm2_connection *tpm = &by->store->tpm;
    TPML_PCR_SELECTION wanted;
    TPM2B_ATTEST *statement = NULL;
    TPMT_SIGNATURE *signature = NULL;
    TSS2_RC rc;

    select_pcrs(pcrs, &wanted);
    rc = Esys_Quote(tpm->esys, by->key->slot.object, ESYS_TR_PASSWORD,
                    ESYS_TR_NONE, ESYS_TR_NONE, &by->qualifying, &own, &wanted,
                    &statement, &signature);
    return rc == TSS2_RC_SUCCESS
               ? take(statement, signature, ret, cause)
               : tpm2_connection_fail(tpm, cause, rc, "TPM2_Quote");
}

/* Is the hash in the quote that of the values read? */
static bool
agrees(const struct evidence *evidence)
{
    const struct evidence_statement *quoted = &evidence->quote;
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    size_t offset = 0;
    TPMS_ATTEST said;
    const TPM2B_DIGEST *digest = &said.attested.quote.pcrDigest;

    return Tss2_MU_TPMS_ATTEST_Unmarshal(quoted->bytes, quoted->length, &offset,
                                         &said) == TSS2_RC_SUCCESS &&
           said.type == TPM2_ST_ATTEST_QUOTE &&
           EVP_Digest(evidence->pcr, 32 * evidence->pcr_count, hash, &length,
                      EVP_sha256(), NULL) == 1 &&
           digest->size == length && memcmp(digest->buffer, hash, length) == 0;
}

enum ks_err
tpm2_certify_pcrs(const struct tpm2_certifier *by, uint32_t pcrs,
                  struct evidence *ret, struct err_cause *cause)
{
    for (unsigned i = 0; i < QUOTES_MAX; i++) {
        enum ks_err rc = read_pcrs(&by->store->tpm, pcrs, ret, cause);

        if (rc == KS_OK)
            rc = quote(by, pcrs, &ret->quote, cause);
        if (rc != KS_OK || agrees(ret))
            return rc;
    }
    return err_set(cause, KS_ERR_TPM_BUSY,
                   "its PCRs changed %d times while they were quoted",
                   QUOTES_MAX);
}
