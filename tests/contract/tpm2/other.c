/* SPDX-License-Identifier: Apache-2.0 */
/* TPMs that are not what they were, and what their owners keep to themselves:
 * refused, and left as they are. */
#include "tests/contract/tpm2/case.h"

#include <stdio.h>
#include <string.h>

/* What is then left of the key on this disk is of no use to any TPM. */
static void
assert_key_is_lost(const uint8_t *id)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    tpm2_case_open();
    assert_ks_ok(
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER, keystore_describe(key, &info, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_sign(key, KEYSTORE_ES256, digest, &signature, NULL));
    keystore_key_free(&key);
    keystore_close(&contract.store);
}

static void
other_tpm_is_refused(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();

    (void)state;
    tpm2_case_use(id, serial);
    assert_int_equal(swtpm_replace(store_fixture_swtpm(contract.fixture)), 0);
    config.serial = serial;
    tpm2_case_assert_refused(&config, KS_ERR_TOKEN_OTHER,
                             "cleared or replaced");
    assert_string_equal(tpm2_case_handles(PERSISTENT), "");
    assert_key_is_lost(id);
}

static void
cleared_tpm_is_refused(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();

    (void)state;
    tpm2_case_use(id, serial);
    tpm2_case_tool("clear");
    config.serial = serial;
    tpm2_case_assert_refused(&config, KS_ERR_TOKEN_OTHER,
                             "cleared or replaced");
    assert_string_equal(tpm2_case_handles(PERSISTENT), "");
    assert_key_is_lost(id);
}

/* The key at the handle alone is gone: it is made again, and is the same. */
static void
evicted_key_is_made_again(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();

    (void)state;
    tpm2_case_use(id, serial);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", TPM2_CASE_SRK);
    config.serial = serial;
    assert_ks_ok(contract_open(&config, &contract.store));
    keystore_close(&contract.store);
    contract_assert_fresh_signs(id, sample(P_256)->public);
}

static void
owner_password_forbids_making_the_key(void **state)
{
    struct keystore_config config = tpm2_case_config();

    (void)state;
    tpm2_case_tool("changeauth", "-c", "owner", TPM2_CASE_PASSWORD);
    tpm2_case_assert_refused(&config, KS_ERR_TPM_OWNER, TPM2_CASE_SRK);
}

static void
owner_password_leaves_the_key_unverified(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();
    struct keystore_key *key = NULL;

    (void)state;
    tpm2_case_use(id, serial);
    tpm2_case_open();
    assert_false(keystore_info(contract.store)->srk_unverified);
    keystore_close(&contract.store);
    tpm2_case_tool("changeauth", "-c", "owner", TPM2_CASE_PASSWORD);
    config.serial = serial;
    assert_ks_ok(contract_open(&config, &contract.store));
    assert_true(keystore_info(contract.store)->srk_unverified);
    assert_string_equal(keystore_info(contract.store)->serial, serial);
    assert_ks_ok(
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    contract_id(id);
    tpm2_case_import(RSA_2048, id);
    contract_assert_fresh_signs(id, sample(RSA_2048)->public);
}

int
contract_tpm2_other(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(other_tpm_is_refused),
        TPM2_CASE(cleared_tpm_is_refused),
        TPM2_CASE(owner_password_forbids_making_the_key),
        TPM2_CASE(owner_password_leaves_the_key_unverified),
        TPM2_CASE(evicted_key_is_made_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
