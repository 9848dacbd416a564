/* SPDX-License-Identifier: Apache-2.0 */
/* What every store can do with a key, for each type of key. */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

struct type {
    enum sample_name imported;
    bool generated; /* a store makes these, too */
};

static const struct type types[] = {
    {RSA_2048, true}, {RSA_3072, false}, {RSA_4096, false},
    {P_256, true},    {P_384, true},
};

#define TYPES (sizeof types / sizeof types[0])

static const struct sample *
sample_of(void **state)
{
    return sample(((const struct type *)*state)->imported);
}

static void
assert_described(struct keystore_key *key, const struct sample *as,
                 enum keystore_origin origin)
{
    struct keystore_key_info info = {0};

    assert_ks_ok(keystore_describe(key, &info, NULL));
    assert_int_equal(info.type, as->type);
    assert_int_equal(info.bits, as->bits);
    if (!contract.row->says_born)
        origin = KEYSTORE_IMPORTED;
    assert_int_equal(info.origin, origin);
    assert_int_equal(info.extractable, !contract.row->protects);
    assert_int_equal(info.sensitive, contract.row->protects);
    assert_int_equal(info.sign_only, contract.row->protects);
}

static void
assert_found(const uint8_t *id, EVP_PKEY *wanted, EVP_PKEY *public)
{
    struct keystore_key *key = NULL;

    assert_ks_ok(keystore_find(contract.store, id, wanted, &key, NULL));
    assert_int_equal(EVP_PKEY_eq(keystore_key_public(key), public), 1);
    contract_assert_signs(key, public);
    keystore_key_free(&key);
}

static void
assert_gone(const uint8_t *id)
{
    struct keystore_key *key = NULL;

    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_remove(contract.store, id, NULL));
    contract_assert_fresh_missing(id);
}

/* A handle from before the removal neither signs nor describes. */
static void
assert_dead(struct keystore_key *key)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;
    struct keystore_key_info info;

    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_sign(key, scheme_of_key(keystore_key_public(key)),
                                digest, &signature, NULL));
    assert_ks_err(KS_ERR_KEY_MISSING, keystore_describe(key, &info, NULL));
}

static void
imported_key_signs_and_is_described(void **state)
{
    const struct sample *as = sample_of(state);
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    contract_id(id);
    key = contract_import(((const struct type *)*state)->imported, id);
    assert_int_equal(EVP_PKEY_eq(keystore_key_public(key), as->public), 1);
    assert_described(key, as, KEYSTORE_IMPORTED);
    contract_assert_signs(key, as->public);
    keystore_key_free(&key);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

static void
imported_key_is_found_again(void **state)
{
    const struct sample *as = sample_of(state);
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    contract_id(id);
    key = contract_import(((const struct type *)*state)->imported, id);
    keystore_key_free(&key);
    assert_found(id, NULL, as->public);
    assert_found(id, as->public, as->public);
    contract_reopen();
    assert_found(id, NULL, as->public);
    contract_assert_fresh_signs(id, as->public);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

/* One removal must be enough: a second object would show as a key still there
 * or, before it, as two under one id. */
static void
imported_twice_is_one_key(void **state)
{
    const struct sample *as = sample_of(state);
    enum sample_name name = ((const struct type *)*state)->imported;
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *first = NULL;
    struct keystore_key *second = NULL;

    contract_id(id);
    first = contract_import(name, id);
    second = contract_import(name, id);
    contract_assert_signs(second, as->public);
    assert_described(second, as, KEYSTORE_IMPORTED);
    keystore_key_free(&second);
    keystore_key_free(&first);
    contract_reopen();
    second = contract_import(name, id);
    keystore_key_free(&second);
    assert_found(id, NULL, as->public);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    assert_gone(id);
}

static void
removed_key_is_gone(void **state)
{
    enum sample_name name = ((const struct type *)*state)->imported;
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;
    struct keystore_key *other = NULL;

    contract_id(id);
    key = contract_import(name, id);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    assert_dead(key);
    assert_gone(id);
    /* The id is free for another key, which the old handle cannot reach. */
    other = contract_import(P_256_OTHER, id);
    assert_dead(key);
    keystore_key_free(&key);
    contract_assert_signs(other, sample(P_256_OTHER)->public);
    keystore_key_free(&other);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

static void
key_removed_by_another_process_is_gone(void **state)
{
    enum sample_name name = ((const struct type *)*state)->imported;
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    contract_id(id);
    key = contract_import(name, id);
    contract_assert_fresh_removes(id);
    assert_dead(key);
    keystore_key_free(&key);
    assert_gone(id);
}

/* Said at once, and nothing of it is left: the id is free, for this process and
 * for others, and for a key that is not too large. */
static void
too_large_key_is_refused(void **state)
{
    const struct sample *as = sample_of(state);
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct err_cause cause = {.text = ""};
    struct keystore_key *key = NULL;

    contract_id(id);
    for (unsigned i = 0; i < 2; i++)
        assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                      keystore_import(contract.store, id, "too large",
                                      &as->material, as->public, &key, &cause));
    assert_null(key);
    assert_true(strlen(cause.text) > 0);
    assert_gone(id);
    contract_reopen();
    assert_gone(id);
    key = contract_import(contract.row->largest_rsa, id);
    contract_assert_signs(key, sample(contract.row->largest_rsa)->public);
    keystore_key_free(&key);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

static void
born_key_signs_and_is_described(void **state)
{
    const struct sample *as = sample_of(state);
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;
    EVP_PKEY *public = NULL;

    contract_id(id);
    assert_ks_ok(
        keystore_generate(contract.store, id, "born", as->type, &key, NULL));
    public = keystore_key_public(key);
    assert_int_equal(EVP_PKEY_up_ref(public), 1);
    assert_described(key, as, KEYSTORE_BORN);
    contract_assert_signs(key, public);
    keystore_key_free(&key);
    contract_reopen();
    assert_found(id, NULL, public);
    assert_found(id, public, public);
    contract_assert_fresh_signs(id, public);
    EVP_PKEY_free(public);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    assert_gone(id);
}

static void
born_key_keeps_its_id(void **state)
{
    const struct sample *as = sample_of(state);
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;
    struct keystore_key *other = NULL;

    contract_id(id);
    assert_ks_ok(
        keystore_generate(contract.store, id, "born", as->type, &key, NULL));
    assert_ks_err(
        KS_ERR_KEY_OTHER,
        keystore_generate(contract.store, id, "again", as->type, &other, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_import(contract.store, id, "again", &as->material,
                                  as->public, &other, NULL));
    assert_null(other);
    assert_described(key, as, KEYSTORE_BORN);
    contract_assert_signs(key, keystore_key_public(key));
    keystore_key_free(&key);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

enum applies {
    TO_TAKEN,  /* types that the store takes */
    TO_BORN,   /* types that it makes, too */
    TO_REFUSED /* types that are too large for it */
};

#define CASES 8

static const struct {
    const char *name;
    CMUnitTestFunction run;
    enum applies applies;
} cases[CASES] = {
    {"too_large_key_is_refused", too_large_key_is_refused, TO_REFUSED},
    {"imported_key_signs_and_is_described", imported_key_signs_and_is_described,
     TO_TAKEN},
    {"imported_key_is_found_again", imported_key_is_found_again, TO_TAKEN},
    {"imported_twice_is_one_key", imported_twice_is_one_key, TO_TAKEN},
    {"removed_key_is_gone", removed_key_is_gone, TO_TAKEN},
    {"key_removed_by_another_process_is_gone",
     key_removed_by_another_process_is_gone, TO_TAKEN},
    {"born_key_signs_and_is_described", born_key_signs_and_is_described,
     TO_BORN},
    {"born_key_keeps_its_id", born_key_keeps_its_id, TO_BORN},
};

static bool
applies(enum applies applies, const struct type *type)
{
    bool refused = contract_is_too_large(type->imported);

    return refused
               ? applies == TO_REFUSED
               : applies == TO_TAKEN || (applies == TO_BORN && type->generated);
}

/* Every case for every type that it applies to, named after both. */
int
contract_keys(void)
{
    static char names[TYPES * CASES][64];
    static struct type states[TYPES];
    struct CMUnitTest tests[TYPES * CASES];
    size_t count = 0;

    for (size_t i = 0; i < TYPES; i++) {
        states[i] = types[i];
        for (size_t j = 0; j < CASES; j++) {
            if (!applies(cases[j].applies, &types[i]))
                continue;
            (void)snprintf(names[count], sizeof names[count], "%s (%s)",
                           cases[j].name, sample(types[i].imported)->name);
            tests[count] = (struct CMUnitTest){
                names[count], cases[j].run, contract_open_store,
                contract_close_store, &states[i]};
            count++;
        }
    }
    return _cmocka_run_group_tests("contract_keys", tests, count,
                                   contract_make_store, contract_remove_store);
}
