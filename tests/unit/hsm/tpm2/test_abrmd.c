/* SPDX-License-Identifier: Apache-2.0 */
/* By the resource manager of user space: its absence, its restart, and keys of
 * all kinds one after another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hsm/tpm2/tpm2.h"
#include "keystore/base/hex.h"
#include "keystore/store/evidence.h"
#include "tests/support/tpm2/tpm2_tool.h"
#include "tests/support/samples.h"
#include "tests/support/store_fixture.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/abrmd.h"

#define ARENA (256 * 1024)
#define PATH 256

static const enum sample_name names[] = {RSA_2048, P_256, P_384, P_256_OTHER};
#define NAMES (sizeof names / sizeof names[0])

static struct store_fixture *fixture;
static struct abrmd *abrmd;

static int
start(void **state)
{
    (void)state;
    fixture = store_fixture_new("tpm2");
    if (fixture != NULL)
        abrmd = abrmd_new(swtpm_socket(store_fixture_swtpm(fixture)),
                          store_fixture_directory(fixture));
    return abrmd != NULL ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    abrmd_free(&abrmd);
    store_fixture_free(&fixture);
    return 0;
}

static enum ks_err
open_store(struct keystore **ret, struct err_cause *cause)
{
    static const struct keystore_ops *const backends[] = {&hsm_tpm2_ops, NULL};
    const struct keystore_config config = {
        .uri = "tpm2:tabrmd",
        .keys_fd = store_fixture_keys(fixture),
        .allow_emulation = true};

    return keystore_open(backends, &config, ret, cause);
}

static struct keystore_key *
import(struct keystore *store, size_t i)
{
    const uint8_t id[KEYSTORE_ID_LENGTH] = {(uint8_t)(i + 1)};
    const struct sample *from = sample(names[i]);
    struct keystore_key *key = NULL;

    assert_int_equal(keystore_import(store, id, "label", &from->material,
                                     from->public, &key, NULL),
                     KS_OK);
    return key;
}

static void
assert_signs(struct keystore_key *key)
{
    EVP_PKEY *public = keystore_key_public(key);
    const char *wrong = check_signature(key, public, scheme_of_key(public));

    if (wrong != NULL)
        fail_msg("%s", wrong);
}

/* Emulated or not is the TPM's own word here: no transport gives it away. */
static void
emulation_is_known_by_its_maker(void **state)
{
    static const struct keystore_ops *const backends[] = {&hsm_tpm2_ops, NULL};
    const struct keystore_config config = {
        .uri = "tpm2:tabrmd", .keys_fd = store_fixture_keys(fixture)};
    struct keystore *store = NULL;

    (void)state;
    assert_int_equal(keystore_open(backends, &config, &store, NULL),
                     KS_ERR_TOKEN_EMULATED);
}

static void
keys_sign_before_and_after_its_restart(void **state)
{
    struct keystore *store = NULL;
    struct keystore_key *keys[NAMES];

    (void)state;
    assert_int_equal(open_store(&store, NULL), KS_OK);
    for (size_t i = 0; i < NAMES; i++)
        keys[i] = import(store, i);
    for (size_t i = 0; i < 2 * NAMES; i++)
        assert_signs(keys[i % NAMES]);
    assert_int_equal(abrmd_restart(abrmd), 0);
    for (size_t i = 0; i < 2 * NAMES; i++)
        assert_signs(keys[i % NAMES]);
    for (size_t i = 0; i < NAMES; i++)
        keystore_key_free(&keys[i]);
    keystore_close(&store);
}

static void
write_file(const char *path, const void *prefix, size_t prefix_length,
           const void *bytes, size_t length)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(prefix, 1, prefix_length, file), prefix_length);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* A verifier's challenge of SECRET for OFFER, by tpm2-tools and without a TPM,
 * into RET; its length. */
static size_t
challenge(const struct evidence_offer *offer, const uint8_t secret[static 32],
          uint8_t ret[static EVIDENCE_CHALLENGE_MAX])
{
    const struct evidence_area *ek = &offer->endorsement.public;
    const uint8_t size[] = {(uint8_t)(ek->length >> 8),
                            (uint8_t)(ek->length & 0xff)};
    char public[PATH], hidden[PATH], blob[PATH];
    char name[2 * sizeof offer->name + 1];
    const char *argv[] = {"/usr/bin/tpm2",
                          "makecredential",
                          "-T",
                          "none",
                          "-u",
                          public,
                          "-s",
                          hidden,
                          "-n",
                          name,
                          "-o",
                          blob,
                          NULL};
    static struct rig_run run;
    FILE *file;
    size_t length;

    snprintf(public, sizeof public, "%s/ek", store_fixture_directory(fixture));
    snprintf(hidden, sizeof hidden, "%s/in", store_fixture_directory(fixture));
    snprintf(blob, sizeof blob, "%s/out", store_fixture_directory(fixture));
    write_file(public, size, sizeof size, ek->bytes, ek->length);
    write_file(hidden, secret, 32, "", 0);
    hex_write(name, offer->name, offer->name_length);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    file = fopen(blob, "re");
    assert_non_null(file);
    length = fread(ret, 1, EVIDENCE_CHALLENGE_MAX, file);
    assert_int_equal(fclose(file), 0);
    return length;
}

/* Also of an offer that was made before the restart. */
static void
evidence_is_given_before_and_after_its_restart(void **state)
{
    static const uint8_t secret[32] = {1, 2, 3}, qualifying[32] = {4, 5};
    static const uint8_t id[KEYSTORE_ID_LENGTH] = {9};
    static uint8_t bytes[EVIDENCE_CHALLENGE_MAX];
    static struct evidence_offer offer;
    static struct evidence evidence;
    struct evidence_question question = {
        .challenge = bytes, .qualifying = qualifying, .pcrs = 1};
    struct keystore *store = NULL;
    struct err_cause cause = {.text = ""};

    (void)state;
    assert_int_equal(open_store(&store, NULL), KS_OK);
    assert_int_equal(keystore_generate(store, id, "machine", MATERIAL_P256,
                                       &question.machine, NULL),
                     KS_OK);
    for (int i = 0; i < 3; i++) {
        if (keystore_offer_evidence(store, &offer, &cause) != KS_OK)
            fail_msg("offer %d: %s", i, cause.text);
        question.challenge_length = challenge(&offer, secret, bytes);
        if (i == 1)
            assert_int_equal(abrmd_restart(abrmd), 0);
        if (keystore_give_evidence(store, &question, &evidence, &cause) !=
            KS_OK)
            fail_msg("evidence %d: %s", i, cause.text);
        assert_int_equal(evidence.secret_length, sizeof secret);
        assert_memory_equal(evidence.secret, secret, sizeof secret);
        assert_true(evidence.machine.length > 0 && evidence.quote.length > 0);
    }
    keystore_key_free(&question.machine);
    keystore_close(&store);
}

/* Last, for the bus ends those that have spoken on it: in another test's
 * process nobody has. */
static void
its_absence_is_a_missing_token(void **state)
{
    struct keystore *store = NULL;
    struct err_cause cause = {.text = ""};

    (void)state;
    assert_int_equal(
        setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1), 0);
    fixture = store_fixture_new("tpm2");
    assert_non_null(fixture);
    assert_int_equal(open_store(&store, &cause), KS_ERR_TOKEN_MISSING);
    assert_non_null(strstr(cause.text, "tabrmd"));
    store_fixture_free(&fixture);
    (void)unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_absence_is_a_missing_token),
        cmocka_unit_test_setup_teardown(emulation_is_known_by_its_maker, start,
                                        NULL),
        cmocka_unit_test(keys_sign_before_and_after_its_restart),
        cmocka_unit_test_setup_teardown(
            evidence_is_given_before_and_after_its_restart, NULL, stop),
    };
    int failed;

    (void)setenv("TSS2_LOG", "all+none", 1);
    if (secret_init(ARENA, NULL) != KS_OK)
        return 1;
    for (size_t i = 0; i < NAMES; i++)
        if (sample_make(names[i]) != 0)
            return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    samples_free();
    return failed;
}
