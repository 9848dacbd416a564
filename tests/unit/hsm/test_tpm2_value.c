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
    bool given;
} values[VALUES_MAX];
static unsigned count, ever_given;

TSS2_RC __real_Esys_TR_SetAuth(ESYS_CONTEXT *esys, ESYS_TR object,
                               const TPM2B_AUTH *value);
TSS2_RC __wrap_Esys_TR_SetAuth(ESYS_CONTEXT *esys, ESYS_TR object,
                               const TPM2B_AUTH *value);
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
    values[i].given = memcmp(value->buffer, zeros.buffer, value->size) != 0;
    ever_given += values[i].given;
    return __real_Esys_TR_SetAuth(esys, object, value);
}

void
__wrap_Esys_Finalize(ESYS_CONTEXT **esys)
{
    for (unsigned i = 0; i < count; i++)
        assert_false(values[i].given);
    count = 0;
    __real_Esys_Finalize(esys);
}

/* Import a key, sign with FAULT in the midst, and close. */
static void
use(const char *suffix, const struct tap_fault *fault)
{
    const uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;
    enum ks_err rc;

    ever_given = 0;
    assert_int_equal(tpm2_case_open(suffix, &store, NULL), KS_OK);
    assert_int_equal(keystore_import(store, id, "label",
                                     &sample(P_256)->material,
                                     sample(P_256)->public, &key, NULL),
                     KS_OK);
    tap_inject(tpm2_case_tap(), fault);
    rc = keystore_sign(key, KEYSTORE_ES256, digest, signature, &length, NULL);
    tap_inject(tpm2_case_tap(), NULL);
    assert_int_equal(rc == KS_OK,
                     fault->action == TAP_PASS || (fault->action == TAP_CUT &&
                                                   fault->times != TAP_ALWAYS));
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
        {.action = TAP_CUT, .nth = 1},
        {.action = TAP_CUT, .nth = 1, .executed = true},
        {.action = TAP_CUT, .nth = 1, .times = TAP_ALWAYS},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < sizeof faults / sizeof faults[0]; j++)
            use(suffixes[i], &faults[j]);
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
