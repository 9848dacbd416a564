/* SPDX-License-Identifier: Apache-2.0 */
/* As plain as the TSS's own examples. */
#include "tests/contract/tpm2/direct.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#define SRK 0x81000001
#define SESSIONS_MAX 64
#define HANDLES_MAX 64
#define NO_SESSIONS ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE

struct tpm2_direct {
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
};

struct tpm2_direct *
tpm2_direct_open(const char *socket)
{
    struct tpm2_direct *direct = calloc(1, sizeof *direct);
    char tcti[160];

    assert_non_null(direct);
    /* The TSS reads it once and for all. */
    assert_int_equal(setenv("TSS2_LOG", "all+none", 0), 0);
    (void)snprintf(tcti, sizeof tcti, "swtpm:path=%s", socket);
    assert_int_equal(Tss2_TctiLdr_Initialize(tcti, &direct->tcti),
                     TSS2_RC_SUCCESS);
    assert_int_equal(Esys_Initialize(&direct->esys, direct->tcti, NULL),
                     TSS2_RC_SUCCESS);
    return direct;
}

void
tpm2_direct_close(struct tpm2_direct **direct)
{
    Esys_Finalize(&(*direct)->esys);
    Tss2_TctiLdr_Finalize(&(*direct)->tcti);
    free(*direct);
    *direct = NULL;
}

void
tpm2_direct_handles(struct tpm2_direct *direct, uint32_t first,
                    char ret[static TPM2_DIRECT_HANDLES])
{
    TPMS_CAPABILITY_DATA *data = NULL;
    const TPML_HANDLE *list;
    size_t length = 0;

    assert_int_equal(Esys_GetCapability(direct->esys, NO_SESSIONS,
                                        TPM2_CAP_HANDLES, first, HANDLES_MAX,
                                        NULL, &data),
                     TSS2_RC_SUCCESS);
    list = &data->data.handles;
    ret[0] = '\0';
    for (UINT32 i = 0; i < list->count; i++)
        length += (size_t)snprintf(ret + length, TPM2_DIRECT_HANDLES - length,
                                   "- 0x%x\n", list->handle[i]);
    assert_true(length < TPM2_DIRECT_HANDLES);
    Esys_Free(data);
}

static uint32_t
property(struct tpm2_direct *direct, TPM2_PT wanted)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    const TPMS_TAGGED_PROPERTY *first;
    uint32_t value;

    assert_int_equal(Esys_GetCapability(direct->esys, NO_SESSIONS,
                                        TPM2_CAP_TPM_PROPERTIES, wanted, 1,
                                        NULL, &data),
                     TSS2_RC_SUCCESS);
    assert_int_equal(data->data.tpmProperties.count, 1);
    first = &data->data.tpmProperties.tpmProperty[0];
    assert_int_equal(first->property, wanted);
    value = first->value;
    Esys_Free(data);
    return value;
}

uint32_t
tpm2_direct_failures(struct tpm2_direct *direct)
{
    return property(direct, TPM2_PT_LOCKOUT_COUNTER);
}

uint32_t
tpm2_direct_failures_max(struct tpm2_direct *direct)
{
    return property(direct, TPM2_PT_MAX_AUTH_FAIL);
}

void
tpm2_direct_fill_sessions(struct tpm2_direct *direct)
{
    static const TPMT_SYM_DEF none = {.algorithm = TPM2_ALG_NULL};
    TSS2_RC rc = TSS2_RC_SUCCESS;

    for (unsigned i = 0; rc == TSS2_RC_SUCCESS && i < SESSIONS_MAX; i++) {
        ESYS_TR session;

        rc = Esys_StartAuthSession(direct->esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                   NO_SESSIONS, NULL, TPM2_SE_HMAC, &none,
                                   TPM2_ALG_SHA256, &session);
    }
    assert_int_equal(rc, TPM2_RC_SESSION_MEMORY);
}

/* Public and private area of an RSA key: its modulus, and a prime. */
static void
fill(enum sample_name name, TPM2B_PUBLIC *ret_public, TPM2B_PRIVATE *ret)
{
    const struct material *material = &sample(name)->material;
    TPMT_PUBLIC *area = &ret_public->publicArea;
    TPM2B_SENSITIVE sensitive = {.sensitiveArea.sensitiveType = TPM2_ALG_RSA};
    TPM2B_PRIVATE_KEY_RSA *prime = &sensitive.sensitiveArea.sensitive.rsa;
    size_t length = 0;

    *area = (TPMT_PUBLIC){
        .type = TPM2_ALG_RSA,
        .nameAlg = TPM2_ALG_SHA256,
        .objectAttributes = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT,
        .parameters.rsaDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
                                 .scheme.scheme = TPM2_ALG_NULL,
                                 .keyBits = (UINT16)material->bits},
        .unique.rsa.size = (UINT16)material->n.length};
    memcpy(area->unique.rsa.buffer, material->n.bytes, material->n.length);
    prime->size = (UINT16)material->p.length;
    memcpy(prime->buffer, material->p.bytes, material->p.length);
    assert_int_equal(Tss2_MU_TPM2B_SENSITIVE_Marshal(
                         &sensitive, ret->buffer, sizeof ret->buffer, &length),
                     TSS2_RC_SUCCESS);
    ret->size = (UINT16)length;
}

void
tpm2_direct_import_plain(struct tpm2_direct *direct, enum sample_name name)
{
    static const TPM2B_DATA no_key;
    static const TPM2B_ENCRYPTED_SECRET no_seed;
    static const TPMT_SYM_DEF_OBJECT none = {.algorithm = TPM2_ALG_NULL};
    TPM2B_PUBLIC public = {.size = 0};
    TPM2B_PRIVATE duplicate = {.size = 0};
    TPM2B_PRIVATE *imported = NULL;
    ESYS_TR srk;

    fill(name, &public, &duplicate);
    assert_int_equal(
        Esys_TR_FromTPMPublic(direct->esys, SRK, NO_SESSIONS, &srk),
        TSS2_RC_SUCCESS);
    assert_int_equal(Esys_Import(direct->esys, srk, ESYS_TR_PASSWORD,
                                 ESYS_TR_NONE, ESYS_TR_NONE, &no_key, &public,
                                 &duplicate, &no_seed, &none, &imported),
                     TSS2_RC_SUCCESS);
    Esys_Free(imported);
}
