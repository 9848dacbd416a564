/* SPDX-License-Identifier: Apache-2.0 */
/* Authorisation values in the hands of ESYS, which wipes nothing: whatever
 * happens to the TPM, each is overwritten before ESYS frees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <tss2/tss2_esys.h>

#include "tests/contract/samples.h"
#include "tests/unit/hsm/tpm2_case.h"

#define VALUES_MAX 64

static const uint8_t id[KEYSTORE_ID_LENGTH] = {1};

/* Objects, and whether the last value of each is one that matters. */
static struct {
    ESYS_TR object;
    UINT16 size;
    bool given;
} values[VALUES_MAX];
static unsigned count, ever_given;

/* ESYS keeps values in its session, too, and in what its Esys_Create was given
 * last. */
static struct {
    bool begun;
    bool overwritten;
    bool broken; /* ESYS takes nothing more: a limit in docs/threat-model.md */
} session;

TSS2_RC __real_Esys_TR_SetAuth(ESYS_CONTEXT *esys, ESYS_TR object,
                               const TPM2B_AUTH *value);
TSS2_RC __wrap_Esys_TR_SetAuth(ESYS_CONTEXT *esys, ESYS_TR object,
                               const TPM2B_AUTH *value);
TSS2_RC
__real_Esys_StartAuthSession(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR bind,
                             ESYS_TR one, ESYS_TR two, ESYS_TR three,
                             const TPM2B_NONCE *nonce, TPM2_SE type,
                             const TPMT_SYM_DEF *cipher, TPMI_ALG_HASH hash,
                             ESYS_TR *ret);
TSS2_RC
__wrap_Esys_StartAuthSession(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR bind,
                             ESYS_TR one, ESYS_TR two, ESYS_TR three,
                             const TPM2B_NONCE *nonce, TPM2_SE type,
                             const TPMT_SYM_DEF *cipher, TPMI_ALG_HASH hash,
                             ESYS_TR *ret);
TSS2_RC
__real_Esys_Create(ESYS_CONTEXT *esys, ESYS_TR parent, ESYS_TR one, ESYS_TR two,
                   ESYS_TR three, const TPM2B_SENSITIVE_CREATE *sensitive,
                   const TPM2B_PUBLIC *public, const TPM2B_DATA *outside,
                   const TPML_PCR_SELECTION *pcr, TPM2B_PRIVATE **ret_private,
                   TPM2B_PUBLIC **ret_public, TPM2B_CREATION_DATA **ret_data,
                   TPM2B_DIGEST **ret_hash, TPMT_TK_CREATION **ret);
TSS2_RC
__wrap_Esys_Create(ESYS_CONTEXT *esys, ESYS_TR parent, ESYS_TR one, ESYS_TR two,
                   ESYS_TR three, const TPM2B_SENSITIVE_CREATE *sensitive,
                   const TPM2B_PUBLIC *public, const TPM2B_DATA *outside,
                   const TPML_PCR_SELECTION *pcr, TPM2B_PRIVATE **ret_private,
                   TPM2B_PUBLIC **ret_public, TPM2B_CREATION_DATA **ret_data,
                   TPM2B_DIGEST **ret_hash, TPMT_TK_CREATION **ret);
void __real_Esys_Finalize(ESYS_CONTEXT **esys);
void __wrap_Esys_Finalize(ESYS_CONTEXT **esys);

TSS2_RC
__wrap_Esys_TR_SetAuth(ESYS_CONTEXT *esys, ESYS_TR object,
                       const TPM2B_AUTH *value)
{
    static const TPM2B_AUTH zeros;
    unsigned i = 0;

    assert_non_null(value); /* which ESYS takes for a length of 0 alone */
    while (i < count && values[i].object != object)
        i++;
    assert_true(i < VALUES_MAX);
    if (i == count)
        count++;
    values[i].object = object;
    values[i].size = value->size;
    values[i].given = memcmp(value->buffer, zeros.buffer, value->size) != 0;
    ever_given += values[i].given;
    session.overwritten = session.overwritten && !values[i].given;
    return __real_Esys_TR_SetAuth(esys, object, value);
}

/* As many as a value is long. */
static bool
has_zeros(ESYS_TR object)
{
    for (unsigned i = 0; i < count; i++)
        if (values[i].object == object)
            return !values[i].given &&
                   values[i].size == TPM2_SHA256_DIGEST_SIZE;
    return false;
}

TSS2_RC
__wrap_Esys_StartAuthSession(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR bind,
                             ESYS_TR one, ESYS_TR two, ESYS_TR three,
                             const TPM2B_NONCE *nonce, TPM2_SE type,
                             const TPMT_SYM_DEF *cipher, TPMI_ALG_HASH hash,
                             ESYS_TR *ret)
{
    TSS2_RC rc = __real_Esys_StartAuthSession(esys, key, bind, one, two, three,
                                              nonce, type, cipher, hash, ret);

    if (rc == TSS2_RC_SUCCESS)
        session.begun = true;
    return rc;
}

TSS2_RC
__wrap_Esys_Create(ESYS_CONTEXT *esys, ESYS_TR parent, ESYS_TR one, ESYS_TR two,
                   ESYS_TR three, const TPM2B_SENSITIVE_CREATE *sensitive,
                   const TPM2B_PUBLIC *public, const TPM2B_DATA *outside,
                   const TPML_PCR_SELECTION *pcr, TPM2B_PRIVATE **ret_private,
                   TPM2B_PUBLIC **ret_public, TPM2B_CREATION_DATA **ret_data,
                   TPM2B_DIGEST **ret_hash, TPMT_TK_CREATION **ret)
{
    static const TPM2B_SENSITIVE_CREATE nothing;
    bool overwrites = memcmp(sensitive, &nothing, sizeof nothing) == 0 &&
                      has_zeros(parent);
    TSS2_RC rc = __real_Esys_Create(esys, parent, one, two, three, sensitive,
                                    public, outside, pcr, ret_private,
                                    ret_public, ret_data, ret_hash, ret);

    session.overwritten = overwrites &&
                          rc == (session.broken
                                     ? TSS2_ESYS_RC_BAD_SEQUENCE
                                     : TSS2_ESYS_RC_MULTIPLE_ENCRYPT_SESSIONS);
    return rc;
}

void
__wrap_Esys_Finalize(ESYS_CONTEXT **esys)
{
    for (unsigned i = 0; i < count; i++)
        assert_false(values[i].given);
    assert_true(session.overwritten || !session.begun);
    count = 0;
    session.begun = session.overwritten = false;
    __real_Esys_Finalize(esys);
}

static enum ks_err
make(struct keystore *store, bool born, struct keystore_key **ret)
{
    if (born)
        return keystore_generate(store, id, "label", MATERIAL_P256, ret, NULL);
    return keystore_import(store, id, "label", &sample(P_256)->material,
                           sample(P_256)->public, ret, NULL);
}

/* Make a key, sign with FAULT in the midst, and close. */
static void
use(const char *suffix, bool born, const struct tap_fault *fault)
{
    const uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;
    enum ks_err rc;

    ever_given = 0;
    assert_int_equal(tpm2_case_open(suffix, &store, NULL), KS_OK);
    assert_int_equal(make(store, born, &key), KS_OK);
    session.broken = fault->action == TAP_CUT;
    tap_inject(tpm2_case_tap(), fault);
    rc = keystore_sign(key, KEYSTORE_ES256, digest, signature, &length, NULL);
    tap_inject(tpm2_case_tap(), NULL);
    session.broken = false;
    assert_int_equal(rc == KS_OK, fault->rc != TPM2_RC_FAILURE &&
                                      fault->times != TAP_ALWAYS);
    keystore_key_free(&key);
    assert_int_equal(keystore_remove(store, id, NULL), KS_OK);
    keystore_close(&store);
    assert_true(ever_given > 0);
    tpm2_case_flush_objects();
    tpm2_case_flush_sessions();
}

static void
values_are_overwritten_whatever_happens(void **state)
{
    static const char *const suffixes[] = {"", ";handle=0x81000200"};
    static const struct tap_fault faults[] = {
        {.action = TAP_PASS},
        {.action = TAP_ERROR, .nth = 1, .rc = TPM2_RC_FAILURE},
        {.action = TAP_ERROR, .nth = 1, .rc = TPM2_RC_REFERENCE_S0},
        {.action = TAP_CUT, .nth = 1},
        {.action = TAP_CUT, .nth = 1, .executed = true},
        {.action = TAP_CUT, .nth = 1, .times = TAP_ALWAYS},
    };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < sizeof faults / sizeof faults[0]; j++)
            use(suffixes[i % 2], i < 2, &faults[j]);
}

static int
start(void **state)
{
    return tpm2_case_start(state) == 0 && sample_make(P_256) == 0 ? 0 : -1;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_overwritten_whatever_happens),
    };
    int failed = cmocka_run_group_tests(tests, start, tpm2_case_stop);

    samples_free();
    return failed;
}
