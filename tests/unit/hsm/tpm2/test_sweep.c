/* SPDX-License-Identifier: Apache-2.0 */
/* Every command of every operation fails once: what was asked for then is done,
 * or has left nothing behind, and the next attempt finishes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <tss2/tss2_tpm2_types.h>

#include "tests/support/samples.h"
#include "tests/unit/hsm/tpm2/case.h"

#define STEPS_MAX 100
#define HANDLE 0x81000200u
#define HANDLE_SUFFIX ";handle=0x81000200"

/* Of the URI: where keys are kept. */
static const char *suffix = "";

static const uint8_t id[KEYSTORE_ID_LENGTH] = {0xab, 1};

/* All that the back end sends. */
static const TPM2_CC codes[] = {
    TPM2_CC_GetCapability, TPM2_CC_ReadPublic,       TPM2_CC_CreatePrimary,
    TPM2_CC_EvictControl,  TPM2_CC_StartAuthSession, TPM2_CC_TestParms,
    TPM2_CC_Import,        TPM2_CC_Create,           TPM2_CC_Load,
    TPM2_CC_Sign,          TPM2_CC_FlushContext,
};

/* Ways to fail: with an answer, before it was done, and after. */
static const struct tap_fault faults[] = {
    {.action = TAP_ERROR, .rc = TPM2_RC_FAILURE},
    {.action = TAP_CUT},
    {.action = TAP_CUT, .executed = true},
};

/* What is done to an open store, with a key there from before or without. */
struct operation {
    enum ks_err (*run)(struct keystore *store, struct keystore_key **ret,
                       struct err_cause *cause);
    bool on_key;
};

static enum ks_err
import(struct keystore *store, struct keystore_key **ret,
       struct err_cause *cause)
{
    return keystore_import(store, id, "label", &sample(P_256)->material,
                           sample(P_256)->public, ret, cause);
}

static enum ks_err
generate(struct keystore *store, struct keystore_key **ret,
         struct err_cause *cause)
{
    return keystore_generate(store, id, "label", MATERIAL_P256, ret, cause);
}

static enum ks_err
sign(struct keystore *store, struct keystore_key **ret, struct err_cause *cause)
{
    const uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;
    enum ks_err rc = keystore_find(store, id, NULL, ret, cause);

    if (rc == KS_OK)
        rc = keystore_sign(*ret, KEYSTORE_ES256, digest, &signature, cause);
    return rc;
}

static enum ks_err
remove_key(struct keystore *store, struct keystore_key **ret,
           struct err_cause *cause)
{
    (void)ret;
    return keystore_remove(store, id, cause);
}

static enum ks_err
attempt(const struct operation *operation, struct err_cause *cause)
{
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;
    enum ks_err rc = tpm2_case_open(suffix, &store, cause);

    if (rc == KS_OK)
        rc = operation->run(store, &key, cause);
    keystore_key_free(&key);
    keystore_close(&store);
    return rc;
}

/* A key is there, or not, as OPERATION wants. */
static void
prepare(const struct operation *operation)
{
    struct operation first = {.run = remove_key};
    enum ks_err rc = attempt(&first, NULL);

    assert_true(rc == KS_OK || rc == KS_ERR_KEY_MISSING);
    assert_int_equal(tpm2_case_files(), 0);
    assert_int_equal(tpm2_case_persistent(HANDLE), 0);
    if (!operation->on_key)
        return;
    first.run = import;
    assert_int_equal(attempt(&first, NULL), KS_OK);
}

/* After a failure nothing has begun to be, and a key that was there is whole
 * unless it was to go. */
static void
assert_clean(const struct operation *operation, TPM2_CC code, unsigned nth,
             const struct err_cause *cause)
{
    unsigned kept = tpm2_case_persistent(HANDLE);

    if (!operation->on_key && (tpm2_case_files() != 0 || kept != 0))
        fail_msg("0x%x, %u.: %u files and %u keys stay: %s", code, nth,
                 tpm2_case_files(), kept, cause->text);
    if (operation->on_key && tpm2_case_files() != 2)
        fail_msg("0x%x, %u.: %u files: %s", code, nth, tpm2_case_files(),
                 cause->text);
}

/* False once there is no NTH command of that code. */
static bool
step(const struct operation *operation, const struct tap_fault *how,
     TPM2_CC code, unsigned nth)
{
    struct tap_fault fault = *how;
    struct err_cause cause = {.text = ""};
    unsigned struck, left;
    enum ks_err rc;

    prepare(operation);
    fault.code = code;
    fault.nth = nth;
    tap_inject(tpm2_case_tap(), &fault);
    rc = attempt(operation, &cause);
    struck = tap_struck(tpm2_case_tap());
    tap_inject(tpm2_case_tap(), NULL);
    if (rc != KS_OK && struck == 0)
        fail_msg("undisturbed: %s: %s", err_name(rc), cause.text);
    /* Only what could not be flushed is still there, and what was behind a
     * connection that broke. */
    left = tpm2_case_transient();
    if (left != 0 && code != TPM2_CC_FlushContext && how->action == TAP_ERROR)
        fail_msg("0x%x, %u.: %u objects stay: %s", code, nth, left, cause.text);
    if (rc != KS_OK) {
        assert_true(cause.text[0] != '\0');
        assert_clean(operation, code, nth, &cause);
        tpm2_case_flush_sessions();
        if (attempt(operation, &cause) != KS_OK)
            fail_msg("0x%x, %u.: not again: %s", code, nth, cause.text);
    }
    tpm2_case_flush_objects();
    tpm2_case_flush_sessions();
    return struck != 0;
}

static void
sweep(const struct operation *operation)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        unsigned steps = 0, commands;

        prepare(operation);
        tap_reset(tpm2_case_tap());
        assert_int_equal(attempt(operation, NULL), KS_OK);
        commands = tap_count(tpm2_case_tap(), 0);
        for (size_t j = 0; j < sizeof codes / sizeof codes[0]; j++)
            for (unsigned nth = 1; step(operation, &faults[i], codes[j], nth);
                 nth++) {
                steps++;
                assert_true(nth < STEPS_MAX);
            }
        /* no command is one that the sweep does not know */
        assert_int_equal(steps, commands);
    }
}

static void
import_fails_at_every_command(void **state)
{
    (void)state;
    sweep(&(struct operation){.run = import});
}

static void
generate_fails_at_every_command(void **state)
{
    (void)state;
    sweep(&(struct operation){.run = generate});
}

static void
sign_fails_at_every_command(void **state)
{
    (void)state;
    sweep(&(struct operation){.run = sign, .on_key = true});
}

static void
remove_fails_at_every_command(void **state)
{
    (void)state;
    sweep(&(struct operation){.run = remove_key, .on_key = true});
}

static int
start(void **state)
{
    return tpm2_case_start(state) == 0 && sample_make(P_256) == 0 ? 0 : -1;
}

/* usage: test_tpm2_sweep [files|handles] */
int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(import_fails_at_every_command),
        cmocka_unit_test(generate_fails_at_every_command),
        cmocka_unit_test(sign_fails_at_every_command),
        cmocka_unit_test(remove_fails_at_every_command),
    };
    int failed;

    if (argc == 2 && strcmp(argv[1], "handles") == 0)
        suffix = HANDLE_SUFFIX;
    failed = cmocka_run_group_tests(tests, start, tpm2_case_stop);

    samples_free();
    return failed;
}
