/* SPDX-License-Identifier: Apache-2.0 */
/* What every store refuses, and that it stays as it was. */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

static void
unknown_scheme_is_refused(void **state)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;

    (void)state;
    config.uri = "nonsense:token=a";
    assert_ks_err(KS_ERR_TOKEN_URI, contract_open(&config, &store));
    assert_null(store);
}

static void
malformed_uri_is_refused(void **state)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;
    char uri[32];

    (void)state;
    (void)snprintf(uri, sizeof uri, "%s:nonsense", contract.row->scheme);
    config.uri = uri;
    assert_ks_err(KS_ERR_TOKEN_URI, contract_open(&config, &store));
    assert_null(store);
}

static void
missing_store_is_reported(void **state)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;

    (void)state;
    config.uri = store_fixture_missing_uri(contract.fixture);
    assert_ks_err(KS_ERR_TOKEN_MISSING, contract_open(&config, &store));
    assert_null(store);
}

static void
emulation_needs_consent(void **state)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;

    (void)state;
    if (!contract.row->emulated)
        return;
    config.allow_emulation = false;
    assert_ks_err(KS_ERR_TOKEN_EMULATED, contract_open(&config, &store));
    assert_null(store);
}

static void
other_serial_is_refused(void **state)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;

    (void)state;
    config.serial = "ffffffffffffffff";
    assert_ks_err(KS_ERR_TOKEN_OTHER, contract_open(&config, &store));
    assert_null(store);
}

static void
missing_pin_is_asked_for(void **state)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;

    (void)state;
    config.pin = NULL;
    if (contract.pin == NULL)
        return;
    assert_ks_err(KS_ERR_PIN_NEEDED, contract_open(&config, &store));
    assert_null(store);
}

static void
wrong_pin_is_refused_and_harms_nothing(void **state)
{
    struct keystore_config config = contract_config();
    struct secret *wrong = store_fixture_secret("not-the-pin");
    struct keystore *store = NULL;

    (void)state;
    assert_non_null(wrong);
    config.pin = wrong;
    if (contract.pin != NULL)
        assert_ks_err(KS_ERR_PIN_WRONG, contract_open(&config, &store));
    secret_free(&wrong);
    assert_null(store);
    config.pin = contract.pin;
    assert_ks_ok(contract_open(&config, &store));
    keystore_close(&store);
}

static void
store_says_what_it_is(void **state)
{
    const struct keystore_info *info = keystore_info(contract.store);
    struct keystore_config config = contract_config();
    char serial[sizeof info->serial];

    (void)state;
    assert_string_equal(info->scheme, contract.row->scheme);
    assert_int_equal(info->emulated, contract.row->emulated);
    assert_true(strlen(info->label) > 0);
    assert_true(strlen(info->maker) > 0);
    assert_true(strlen(info->serial) > 0);
    memcpy(serial, info->serial, sizeof serial);

    /* Its serial number stays, and may be insisted on. */
    keystore_close(&contract.store);
    config.serial = serial;
    assert_ks_ok(contract_open(&config, &contract.store));
    assert_string_equal(keystore_info(contract.store)->serial, serial);
}

static void
absent_key_is_not_found(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    assert_ks_err(
        KS_ERR_KEY_MISSING,
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    assert_null(key);
}

static void
absent_key_cannot_be_removed(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    contract_id(id);
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_remove(contract.store, id, NULL));
}

/* Each pair is a private key with the public half of another. */
static void
mismatching_public_key_is_refused(void **state)
{
    static const enum sample_name pairs[][2] = {{P_256, P_256_OTHER},
                                                {P_256, P_384},
                                                {P_256, RSA_2048},
                                                {RSA_2048, RSA_3072},
                                                {RSA_2048, P_256_OTHER}};
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_ks_err(KS_ERR_CRED_MISMATCH,
                      keystore_import(contract.store, id, "mismatch",
                                      &sample(pairs[i][0])->material,
                                      sample(pairs[i][1])->public, &key, NULL));
    assert_null(key);
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_remove(contract.store, id, NULL));
}

/* Another key must not take the id, by import or by birth. */
static void
used_id_keeps_its_key(void **state)
{
    static const enum sample_name others[] = {P_256_OTHER, P_384, RSA_2048};
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;
    struct keystore_key *other = NULL;

    (void)state;
    contract_id(id);
    key = contract_import(P_256, id);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_ks_err(KS_ERR_KEY_OTHER,
                      keystore_import(contract.store, id, "second",
                                      &sample(others[i])->material,
                                      sample(others[i])->public, &other, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_generate(contract.store, id, "third", MATERIAL_P256,
                                    &other, NULL));
    assert_null(other);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    contract_assert_fresh_signs(id, sample(P_256)->public);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

static void
other_public_key_is_not_found(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    key = contract_import(P_256, id);
    keystore_key_free(&key);
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_find(contract.store, id, sample(P_256_OTHER)->public,
                                &key, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_find(contract.store, id, sample(RSA_2048)->public,
                                &key, NULL));
    assert_null(key);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

static void
unknown_type_is_not_generated(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    assert_ks_err(KS_ERR_INTERNAL,
                  keystore_generate(contract.store, id, "none", MATERIAL__MAX,
                                    &key, NULL));
    assert_null(key);
}

static void
short_buffer_is_refused_and_the_key_signs_on(void **state)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t id[KEYSTORE_ID_LENGTH];
    uint8_t signature[KEYSTORE_SIGNATURE_MAX] = {0};
    size_t length = 63; /* one less than r || s */
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    key = contract_import(P_256, id);
    assert_ks_err(KS_ERR_INTERNAL, keystore_sign(key, KEYSTORE_ES256, digest,
                                                 signature, &length, NULL));
    assert_int_equal(length, 63);
    assert_int_equal(signature[0], 0);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, contract_open_store,                 \
                                    contract_close_store)

int
contract_refusals(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_scheme_is_refused),
        cmocka_unit_test(malformed_uri_is_refused),
        cmocka_unit_test(missing_store_is_reported),
        cmocka_unit_test(emulation_needs_consent),
        cmocka_unit_test(other_serial_is_refused),
        cmocka_unit_test(missing_pin_is_asked_for),
        cmocka_unit_test(wrong_pin_is_refused_and_harms_nothing),
        opened(store_says_what_it_is),
        opened(absent_key_is_not_found),
        opened(absent_key_cannot_be_removed),
        opened(mismatching_public_key_is_refused),
        opened(used_id_keeps_its_key),
        opened(other_public_key_is_not_found),
        opened(unknown_type_is_not_generated),
        opened(short_buffer_is_refused_and_the_key_signs_on),
    };

    return cmocka_run_group_tests(tests, contract_make_store,
                                  contract_remove_store);
}
