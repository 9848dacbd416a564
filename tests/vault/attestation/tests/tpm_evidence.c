/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of the AK. */
#include "tests/vault/attestation/tests/tpm_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/service/encoding.h"

#define NO_SESSIONS ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE
#define TWO_PASSWORDS ESYS_TR_PASSWORD, ESYS_TR_PASSWORD, ESYS_TR_NONE

static json_t *
signed_by_ak(const TPM2B_ATTEST *statement, const TPMT_SIGNATURE *signature)
{
    json_t *object = json_object();
    uint8_t bytes[sizeof(TPMT_SIGNATURE)];
    size_t length = 0;

    ASSERT_RC(Tss2_MU_TPMT_SIGNATURE_Marshal(signature, bytes, sizeof bytes,
                                             &length));
    tpm_set(object, "statement", statement->attestationData, statement->size);
    tpm_set(object, "signature", bytes, length);
    return object;
}

static json_t *
certify(struct tpm *tpm, const struct tpm_key *key, const TPM2B_DATA *q)
{
    static const TPMT_SIG_SCHEME own = {.scheme = TPM2_ALG_NULL};
    ESYS_TR object = tpm_key_load(&tpm->store, key);
    TPM2B_ATTEST *statement = NULL;
    TPMT_SIGNATURE *signature = NULL;
    json_t *member;

    ASSERT_RC(Esys_Certify(tpm->store.esys, object, tpm->ak, TWO_PASSWORDS, q,
                           &own, &statement, &signature));
    ASSERT_RC(Esys_FlushContext(tpm->store.esys, object));
    member = signed_by_ak(statement, signature);
    tpm_set_public(member, "public", &key->public);
    Esys_Free(statement);
    Esys_Free(signature);
    return member;
}

static json_t *
certify_creation(struct tpm *tpm, const TPM2B_DATA *q)
{
    static const TPMT_SIG_SCHEME own = {.scheme = TPM2_ALG_NULL};
    TPM2B_ATTEST *statement = NULL;
    TPMT_SIGNATURE *signature = NULL;
    uint8_t data[sizeof(TPM2B_CREATION_DATA)];
    size_t length = 0;
    json_t *member;

    ASSERT_RC(Esys_CertifyCreation(tpm->store.esys, tpm->ak, tpm->ak,
                                   ONE_PASSWORD, q, tpm->birth.hash, &own,
                                   tpm->birth.ticket, &statement, &signature));
    member = signed_by_ak(statement, signature);
    ASSERT_RC(Tss2_MU_TPMS_CREATION_DATA_Marshal(&tpm->birth.data->creationData,
                                                 data, sizeof data, &length));
    tpm_set(member, "data", data, length);
    Esys_Free(statement);
    Esys_Free(signature);
    return member;
}

/* TPM2_PCR_Read gives at most eight at a time. */
static json_t *
read_pcrs(struct tpm *tpm)
{
    json_t *values = json_array();

    for (unsigned i = 0; i < 24; i++) {
        TPML_PCR_SELECTION one = {
            .count = 1,
            .pcrSelections = {{.hash = TPM2_ALG_SHA256, .sizeofSelect = 3}}};
        TPML_DIGEST *digests = NULL;
        char *text;

        if ((tpm->pcrs >> i & 1) == 0)
            continue;
        one.pcrSelections[0].pcrSelect[i / 8] = (uint8_t)(1U << i % 8);
        ASSERT_RC(Esys_PCR_Read(tpm->store.esys, NO_SESSIONS, &one, NULL, NULL,
                                &digests));
        text = encoding_base64url(digests->digests[0].buffer,
                                  digests->digests[0].size);
        assert_int_equal(json_array_append_new(values, json_string(text)), 0);
        free(text);
        Esys_Free(digests);
    }
    return values;
}

static json_t *
quote(struct tpm *tpm, const TPM2B_DATA *q)
{
    static const TPMT_SIG_SCHEME own = {.scheme = TPM2_ALG_NULL};
    TPML_PCR_SELECTION all = {
        .count = 1,
        .pcrSelections = {
            {.hash = TPM2_ALG_SHA256,
             .sizeofSelect = 3,
             .pcrSelect = {(uint8_t)tpm->pcrs, (uint8_t)(tpm->pcrs >> 8),
                           (uint8_t)(tpm->pcrs >> 16)}}}};
    TPM2B_ATTEST *statement = NULL;
    TPMT_SIGNATURE *signature = NULL;
    json_t *member;

    ASSERT_RC(Esys_Quote(tpm->store.esys, tpm->ak, ONE_PASSWORD, q, &own, &all,
                         &statement, &signature));
    member = signed_by_ak(statement, signature);
    assert_int_equal(json_object_set_new(member, "values", read_pcrs(tpm)), 0);
    Esys_Free(statement);
    Esys_Free(signature);
    return member;
}

json_t *
tpm_evidence(struct tpm *tpm, const struct tpm_answer *answer)
{
    TPM2B_DATA q = {.size = 32};
    json_t *evidence = json_pack("{s:s}", "nonce", answer->nonce);

    assert_non_null(evidence);
    memcpy(q.buffer, answer->qualifying, 32);
    tpm_set(evidence, "secret", answer->secret, 32);
    assert_int_equal(
        json_object_set_new(evidence, "creation", certify_creation(tpm, &q)) |
            json_object_set_new(evidence, "machine",
                                certify(tpm, answer->machine, &q)),
        0);
    if (answer->credential != NULL)
        assert_int_equal(
            json_object_set_new(evidence, "credential",
                                certify(tpm, answer->credential, &q)),
            0);
    if (tpm->pcrs != 0)
        assert_int_equal(json_object_set_new(evidence, "quote", quote(tpm, &q)),
                         0);
    return evidence;
}
