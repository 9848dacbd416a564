/* SPDX-License-Identifier: Apache-2.0 */
/* What every store refuses to do with keys, and that it stays as it was. */
#include "tests/contract/contract.h"

#include <string.h>

#include <openssl/evp.h>

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
    static const enum material_type none[] = {0, MATERIAL__MAX, 4711};
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_ks_err(
            KS_ERR_INTERNAL,
            keystore_generate(contract.store, id, "none", none[i], &key, NULL));
    assert_null(key);
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_remove(contract.store, id, NULL));
}

/* The schemes of other types are in contract_assert_signs(). */
static void
scheme_that_is_none_is_refused(void **state)
{
    static const enum keystore_scheme none[] = {0, KEYSTORE_SCHEME__MAX, 4711};
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    key = contract_import(P_256, id);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_int_equal(scheme_digest_length(none[i]), 0);
        assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                      keystore_sign(key, none[i], digest, &signature, NULL));
    }
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
        opened(absent_key_is_not_found),
        opened(absent_key_cannot_be_removed),
        opened(mismatching_public_key_is_refused),
        opened(used_id_keeps_its_key),
        opened(other_public_key_is_not_found),
        opened(unknown_type_is_not_generated),
        opened(scheme_that_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, contract_make_store,
                                  contract_remove_store);
}
