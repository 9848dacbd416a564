/* SPDX-License-Identifier: Apache-2.0 */
/* Three objects are all that fit into the TPM at once: AK, machine key, and the
 * parent that is needed just then. */
#include "tests/attestation/attester.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include "tests/attestation/attester_template.h"
#include "tests/vault/service/encoding.h"

#define EK_CERTIFICATE 0x01c00002
#define NV_STEP 512
#define NONE ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE
#define OWNED ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE
struct attester {
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
    ESYS_TR ak, machine;
    TPM2B_PUBLIC *ak_public, *machine_public, *ek_public;
    TPM2B_CREATION_DATA *creation;
    TPM2B_DIGEST *creation_hash;
    TPMT_TK_CREATION *ticket;
    EVP_PKEY *key;
    uint8_t certificate[2048];
    size_t certificate_length;
};

static const TPM2B_SENSITIVE_CREATE no_secret;
static const TPM2B_DATA no_data;
static const TPML_PCR_SELECTION no_pcrs;
static const TPML_PCR_SELECTION quoted = {
    .count = 1,
    .pcrSelections = {{.hash = TPM2_ALG_SHA256,
                       .sizeofSelect = 3,
                       .pcrSelect = {0x81, 0, 0}}}};
static const TPMT_SIG_SCHEME of_the_key = {.scheme = TPM2_ALG_NULL};

static void
read_certificate(struct attester *a)
{
    ESYS_TR index;
    TPM2B_NV_PUBLIC *public;
    TPM2B_MAX_NV_BUFFER *part;
    uint16_t step;

    assert_int_equal(
        Esys_TR_FromTPMPublic(a->esys, EK_CERTIFICATE, NONE, &index), 0);
    assert_int_equal(Esys_NV_ReadPublic(a->esys, index, NONE, &public, NULL),
                     0);
    while (a->certificate_length < public->nvPublic.dataSize) {
        step = (uint16_t)(public->nvPublic.dataSize - a->certificate_length);
        if (step > NV_STEP)
            step = NV_STEP;
        assert_int_equal(Esys_NV_Read(a->esys, index, index, OWNED, step,
                                      (uint16_t)a->certificate_length, &part),
                         0);
        memcpy(a->certificate + a->certificate_length, part->buffer,
               part->size);
        a->certificate_length += part->size;
        Esys_Free(part);
    }
    Esys_Free(public);
}

static ESYS_TR
primary(struct attester *a, ESYS_TR hierarchy, const TPM2B_PUBLIC *template,
        TPM2B_PUBLIC **ret)
{
    ESYS_TR key;

    assert_int_equal(Esys_CreatePrimary(a->esys, hierarchy, OWNED, &no_secret,
                                        template, &no_data, &no_pcrs, &key, ret,
                                        NULL, NULL, NULL),
                     0);
    return key;
}

/* The last child's creation stays in A: the AK is made last. */
static ESYS_TR
child(struct attester *a, ESYS_TR parent, const TPM2B_PUBLIC *template,
      TPM2B_PUBLIC **ret)
{
    TPM2B_PRIVATE *private;
    ESYS_TR key;

    Esys_Free(a->creation);
    Esys_Free(a->creation_hash);
    Esys_Free(a->ticket);
    assert_int_equal(Esys_Create(a->esys, parent, OWNED, &no_secret, template,
                                 &no_data, &no_pcrs, &private, ret,
                                 &a->creation, &a->creation_hash, &a->ticket),
                     0);
    assert_int_equal(Esys_Load(a->esys, parent, OWNED, private, *ret, &key), 0);
    Esys_Free(private);
    return key;
}

/* SubjectPublicKeyInfo is the same for all keys of a kind up to the number
 * itself (RFC 5480, 2; RFC 3279, 2.3.1). */
static EVP_PKEY *
public_key(const TPMT_PUBLIC *area)
{
    static const uint8_t ec[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                                 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    static const uint8_t rsa[] = {
        0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
        0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01,
        0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00};
    static const uint8_t exponent[] = {0x02, 0x03, 0x01, 0x00, 0x01};
    uint8_t der[sizeof rsa + 256 + sizeof exponent] = {0};
    const uint8_t *start = der;
    EVP_PKEY *key;

    if (area->type == TPM2_ALG_ECC) {
        const TPM2B_ECC_PARAMETER *x = &area->unique.ecc.x;
        const TPM2B_ECC_PARAMETER *y = &area->unique.ecc.y;

        memcpy(der, ec, sizeof ec);
        memcpy(der + sizeof ec + 32 - x->size, x->buffer, x->size);
        memcpy(der + sizeof ec + 64 - y->size, y->buffer, y->size);
        key = d2i_PUBKEY(NULL, &start, sizeof ec + 64);
    } else {
        memcpy(der, rsa, sizeof rsa);
        memcpy(der + sizeof rsa, area->unique.rsa.buffer, 256);
        memcpy(der + sizeof rsa + 256, exponent, sizeof exponent);
        key = d2i_PUBKEY(NULL, &start, sizeof der);
    }
    assert_non_null(key);
    return key;
}

struct attester *
attester_new(const char *socket, const char *kind)
{
    struct attester *a = calloc(1, sizeof *a);
    TPM2B_PUBLIC *parent_public;
    ESYS_TR parent;
    char tcti[160];

    assert_non_null(a);
    (void)snprintf(tcti, sizeof tcti, "swtpm:path=%s", socket);
    assert_int_equal(Tss2_TctiLdr_Initialize(tcti, &a->tcti), 0);
    assert_int_equal(Esys_Initialize(&a->esys, a->tcti, NULL), 0);
    read_certificate(a);
    parent = primary(a, ESYS_TR_RH_OWNER, &attester_storage_root,
                     &parent_public);
    a->machine = child(a, parent,
                       strcmp(kind, "P-256") == 0 ? &attester_p256
                                                  : &attester_rsa2048,
                       &a->machine_public);
    a->ak = child(a, parent, &attester_ak, &a->ak_public);
    assert_int_equal(Esys_FlushContext(a->esys, parent), 0);
    parent = primary(a, ESYS_TR_RH_ENDORSEMENT, &attester_endorsement,
                     &a->ek_public);
    assert_int_equal(Esys_FlushContext(a->esys, parent), 0);
    Esys_Free(parent_public);
    a->key = public_key(&a->machine_public->publicArea);
    return a;
}

void
attester_free(struct attester **attester)
{
    struct attester *a = *attester;

    if (a == NULL)
        return;
    *attester = NULL;
    (void)Esys_FlushContext(a->esys, a->ak);
    (void)Esys_FlushContext(a->esys, a->machine);
    Esys_Free(a->creation);
    Esys_Free(a->creation_hash);
    Esys_Free(a->ticket);
    Esys_Free(a->ak_public);
    Esys_Free(a->machine_public);
    Esys_Free(a->ek_public);
    EVP_PKEY_free(a->key);
    Esys_Finalize(&a->esys);
    Tss2_TctiLdr_Finalize(&a->tcti);
    free(a);
}

EVP_PKEY *
attester_key(const struct attester *attester)
{
    return attester->key;
}

static json_t *
text_of(const void *bytes, size_t length)
{
    char *text = encoding_base64url(bytes, length);
    json_t *json = json_string(text);

    assert_non_null(json);
    free(text);
    return json;
}

static json_t *
area(const TPM2B_PUBLIC *public)
{
    uint8_t bytes[1024];
    size_t length = 0;

    assert_int_equal(Tss2_MU_TPMT_PUBLIC_Marshal(&public->publicArea, bytes,
                                                 sizeof bytes, &length),
                     0);
    return text_of(bytes, length);
}

json_t *
attester_offer(const struct attester *a)
{
    json_t *json = json_pack("{s:{s:o, s:o}, s:o, s:[i, i]}", "endorsement",
                             "public", area(a->ek_public), "certificate",
                             text_of(a->certificate, a->certificate_length),
                             "key", area(a->ak_public), "pcrs", 0, 7);

    assert_non_null(json);
    return json;
}

/* PolicyA of template L-1: who knows the endorsement hierarchy's authorisation,
 * which is empty, may use the EK. */
static ESYS_TR
ek_session(struct attester *a)
{
    static const TPMT_SYM_DEF plain = {.algorithm = TPM2_ALG_NULL};
    ESYS_TR session;

    assert_int_equal(Esys_StartAuthSession(a->esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                           NONE, NULL, TPM2_SE_POLICY, &plain,
                                           TPM2_ALG_SHA256, &session),
                     0);
    assert_int_equal(Esys_PolicySecret(a->esys, ESYS_TR_RH_ENDORSEMENT, session,
                                       OWNED, NULL, NULL, NULL, 0, NULL, NULL),
                     0);
    return session;
}

/* The secret in CHALLENGE. */
static json_t *
activate(struct attester *a, const char *challenge)
{
    TPM2B_ID_OBJECT id;
    TPM2B_ENCRYPTED_SECRET seed;
    TPM2B_PUBLIC *public;
    TPM2B_DIGEST *secret;
    size_t length = 0;
    size_t at = 8; /* magic and version */
    uint8_t *blob = encoding_from_base64url(challenge, strlen(challenge),
                                            &length);
    ESYS_TR ek;
    ESYS_TR session;
    json_t *json;

    assert_non_null(blob);
    assert_int_equal(Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(blob, length, &at, &id),
                     0);
    assert_int_equal(
        Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(blob, length, &at, &seed), 0);
    assert_int_equal(at, length);
    free(blob);
    ek = primary(a, ESYS_TR_RH_ENDORSEMENT, &attester_endorsement, &public);
    Esys_Free(public);
    session = ek_session(a);
    assert_int_equal(Esys_ActivateCredential(a->esys, a->ak, ek,
                                             ESYS_TR_PASSWORD, session,
                                             ESYS_TR_NONE, &id, &seed, &secret),
                     0);
    assert_int_equal(Esys_FlushContext(a->esys, ek), 0);
    json = text_of(secret->buffer, secret->size);
    Esys_Free(secret);
    return json;
}

/* Takes STATEMENT and SIGNATURE over. */
static json_t *
statement(TPM2B_ATTEST *attest, TPMT_SIGNATURE *signature)
{
    uint8_t bytes[256];
    size_t length = 0;
    json_t *json;

    assert_int_equal(
        Tss2_MU_TPMT_SIGNATURE_Marshal(signature, bytes, sizeof bytes, &length),
        0);
    json = json_pack("{s:o, s:o}", "statement",
                     text_of(attest->attestationData, attest->size),
                     "signature", text_of(bytes, length));
    Esys_Free(attest);
    Esys_Free(signature);
    return json;
}

static json_t *
creation(struct attester *a, const TPM2B_DATA *q)
{
    TPM2B_ATTEST *attest;
    TPMT_SIGNATURE *signature;
    uint8_t bytes[512];
    size_t length = 0;
    json_t *json;

    assert_int_equal(Esys_CertifyCreation(a->esys, a->ak, a->ak, OWNED, q,
                                          a->creation_hash, &of_the_key,
                                          a->ticket, &attest, &signature),
                     0);
    assert_int_equal(
        Tss2_MU_TPMS_CREATION_DATA_Marshal(&a->creation->creationData, bytes,
                                           sizeof bytes, &length),
        0);
    json = statement(attest, signature);
    json_object_set_new(json, "data", text_of(bytes, length));
    return json;
}

static json_t *
certification(struct attester *a, const TPM2B_DATA *q)
{
    TPM2B_ATTEST *attest;
    TPMT_SIGNATURE *signature;
    json_t *json;

    assert_int_equal(Esys_Certify(a->esys, a->machine, a->ak, ESYS_TR_PASSWORD,
                                  ESYS_TR_PASSWORD, ESYS_TR_NONE, q,
                                  &of_the_key, &attest, &signature),
                     0);
    json = statement(attest, signature);
    json_object_set_new(json, "public", area(a->machine_public));
    return json;
}

static json_t *
quote(struct attester *a, const TPM2B_DATA *q)
{
    TPM2B_ATTEST *attest;
    TPMT_SIGNATURE *signature;
    TPML_DIGEST *values;
    json_t *list = json_array();
    json_t *json;

    assert_int_equal(Esys_Quote(a->esys, a->ak, OWNED, q, &of_the_key, &quoted,
                                &attest, &signature),
                     0);
    assert_int_equal(Esys_PCR_Read(a->esys, NONE, &quoted, NULL, NULL, &values),
                     0);
    for (uint32_t i = 0; i < values->count; i++)
        json_array_append_new(
            list, text_of(values->digests[i].buffer, values->digests[i].size));
    Esys_Free(values);
    json = statement(attest, signature);
    json_object_set_new(json, "values", list);
    return json;
}

json_t *
attester_evidence(struct attester *a, const char *nonce, const char *challenge,
                  const uint8_t q[static 32])
{
    TPM2B_DATA qualifying = {.size = 32};
    json_t *json;

    memcpy(qualifying.buffer, q, 32);
    json = json_pack(
        "{s:s, s:o, s:o, s:o, s:o}", "nonce", nonce, "secret",
        activate(a, challenge), "creation", creation(a, &qualifying), "machine",
        certification(a, &qualifying), "quote", quote(a, &qualifying));
    assert_non_null(json);
    return json;
}
