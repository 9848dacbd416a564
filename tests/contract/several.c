/* SPDX-License-Identifier: Apache-2.0 */
/* Several keys in one store, under all sorts of labels, made by several
 * processes: none disturbs another. */
#include "tests/contract/contract.h"

#include <string.h>

#include <openssl/evp.h>

#define MANY 12

static void
assert_found(const uint8_t *id, EVP_PKEY *public)
{
    struct keystore_key *key = NULL;

    assert_ks_ok(keystore_find(contract.store, id, NULL, &key, NULL));
    assert_int_equal(EVP_PKEY_eq(keystore_key_public(key), public), 1);
    contract_assert_signs(key, public);
    keystore_key_free(&key);
}

/* Many at once: each is found as itself, and one removal takes one. */
static void
many_keys_do_not_disturb_each_other(void **state)
{
    static const enum sample_name names[] = {P_256, P_384, RSA_2048,
                                             P_256_OTHER};
    uint8_t ids[MANY][KEYSTORE_ID_LENGTH];
    struct keystore_key *keys[MANY] = {NULL};

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        contract_id(ids[i]);
        keys[i] = contract_import(names[i % 4], ids[i]);
    }
    for (size_t i = 0; i < MANY; i++)
        contract_assert_signs(keys[i], sample(names[i % 4])->public);
    for (size_t i = 0; i < MANY; i++)
        keystore_key_free(&keys[i]);
    for (size_t i = 0; i < MANY; i += 2)
        assert_ks_ok(keystore_remove(contract.store, ids[i], NULL));
    for (size_t i = 1; i < MANY; i += 2)
        assert_found(ids[i], sample(names[i % 4])->public);
    for (size_t i = 0; i < MANY; i += 2)
        assert_ks_err(KS_ERR_KEY_MISSING,
                      keystore_remove(contract.store, ids[i], NULL));
    for (size_t i = 1; i < MANY; i += 2)
        assert_ks_ok(keystore_remove(contract.store, ids[i], NULL));
}

/* Labels are for people, and found out only by looking. */
static void
labels_of_any_kind_do(void **state)
{
    static char long_label[256];
    const char *const labels[] = {"", "caf\xc3\xa9 \xe2\x98\x95", "a;b=c/d%e",
                                  long_label};
    const struct sample *largest = sample(contract.row->largest_rsa);
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    memset(long_label, 'l', sizeof long_label - 1);
    for (size_t i = 0; i < 2 * sizeof labels / sizeof labels[0]; i++) {
        const char *label = labels[i / 2];
        struct keystore_key *key = NULL;

        contract_id(id);
        if (i % 2 == 0)
            assert_ks_ok(keystore_import(contract.store, id, label,
                                         &largest->material, largest->public,
                                         &key, NULL));
        else
            assert_ks_ok(keystore_generate(contract.store, id, label,
                                           MATERIAL_P256, &key, NULL));
        contract_assert_signs(key, keystore_key_public(key));
        keystore_key_free(&key);
        assert_ks_ok(keystore_remove(contract.store, id, NULL));
    }
}

/* One after the other, for SoftHSM's logins are in each other's way: each
 * writes its token's file anew.  The store is open here all the time. */
static void
keys_of_other_processes_are_seen_and_theirs(void **state)
{
    uint8_t ids[2][KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        contract_id(ids[i]);
        contract_assert_fresh_generates(ids[i]);
        assert_ks_err(KS_ERR_KEY_OTHER,
                      keystore_generate(contract.store, ids[i], "ours",
                                        MATERIAL_P256, &key, NULL));
    }
    for (size_t i = 0; i < 2; i++) {
        assert_ks_ok(keystore_find(contract.store, ids[i], NULL, &key, NULL));
        contract_assert_signs(key, keystore_key_public(key));
        keystore_key_free(&key);
        assert_ks_ok(keystore_remove(contract.store, ids[i], NULL));
    }
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, contract_open_store,                 \
                                    contract_close_store)

int
contract_several(void)
{
    const struct CMUnitTest tests[] = {
        opened(many_keys_do_not_disturb_each_other),
        opened(keys_of_other_processes_are_seen_and_theirs),
        opened(labels_of_any_kind_do),
    };

    return cmocka_run_group_tests(tests, contract_make_store,
                                  contract_remove_store);
}
