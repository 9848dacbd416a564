/* SPDX-License-Identifier: Apache-2.0 */
/* Keys born on tokens that do something else than they are asked for. */
#include "tests/unit/hsm/pkcs11/lying_token.h"

static const uint8_t id[KEYSTORE_ID_LENGTH] = {7};
static const enum material_type types[] = {MATERIAL_RSA, MATERIAL_P256,
                                           MATERIAL_P384};

#define TYPES (sizeof types / sizeof types[0])

static void
assert_refused(enum material_type type, enum ks_err wanted, const char *says)
{
    int before = lying_token_lies->objects;
    struct keystore_key *key = NULL;

    assert_err(
        wanted, says,
        keystore_generate(lying_token_store, id, "lies", type, &key, &cause));
    assert_null(key);
    assert_int_equal(lying_token_lies->objects, before);
}

static void
assert_born(enum material_type type)
{
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    assert_err(
        KS_OK, "",
        keystore_generate(lying_token_store, id, "lies", type, &key, &cause));
    assert_int_equal(lying_token_lies->objects, 2);
    lying_token_assert_signs(key);
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_true(info.sensitive && !info.extractable && info.sign_only);
    keystore_key_free(&key);
    assert_err(KS_OK, "", keystore_remove(lying_token_store, id, &cause));
    assert_int_equal(lying_token_lies->objects, 0);
}

static void
lacking_mechanism_is_unsupported(void **state)
{
    (void)state;
    lying_token_lies->lacking = CKM_EC_KEY_PAIR_GEN;
    assert_refused(MATERIAL_P256, KS_ERR_TOKEN_UNSUPPORTED,
                   "C_GenerateKeyPair: CKR_MECHANISM_INVALID");
    assert_born(MATERIAL_RSA);
    lying_token_lies->lacking = CKM_RSA_PKCS_KEY_PAIR_GEN;
    assert_refused(MATERIAL_RSA, KS_ERR_TOKEN_UNSUPPORTED,
                   "C_GenerateKeyPair: CKR_MECHANISM_INVALID");
}

static void
protection_is_never_left_out(void **state)
{
    (void)state;
    lying_token_lies->refused = CKA_EXTRACTABLE;
    for (size_t i = 0; i < TYPES; i++)
        assert_refused(types[i], KS_ERR_TOKEN_UNSUPPORTED,
                       "CKR_ATTRIBUTE_TYPE_INVALID");
}

static void
weak_key_is_not_kept(void **state)
{
    (void)state;
    lying_token_lies->weak = true;
    lying_token_lies->stubborn = true;
    for (size_t i = 0; i < TYPES; i++)
        assert_refused(types[i], KS_ERR_TOKEN_WEAK, "stays");
}

static void
small_key_is_not_kept(void **state)
{
    (void)state;
    lying_token_lies->small_keys = true;
    assert_refused(MATERIAL_RSA, KS_ERR_KEY_OTHER, "modulus");
}

static void
key_that_signs_wrong_is_not_kept(void **state)
{
    (void)state;
    lying_token_lies->signs_wrong = true;
    for (size_t i = 0; i < TYPES; i++)
        assert_refused(types[i], KS_ERR_KEY_OTHER, "does not verify");
}

static void
used_id_is_kept(void **state)
{
    struct keystore_key *key = NULL;

    (void)state;
    assert_err(KS_OK, "", lying_token_import(P_256, id, &key, &cause));
    assert_refused(MATERIAL_P256, KS_ERR_KEY_OTHER, "nothing was generated");
    lying_token_lies->doubles = true;
    assert_refused(MATERIAL_P256, KS_ERR_KEY_OTHER, "");
    lying_token_lies->doubles = false;
    lying_token_assert_signs(key);
    keystore_key_free(&key);
}

/* Once extractable is not "never was outside", however it is now. */
static void
key_born_weak_and_tightened_is_not_called_born(void **state)
{
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    (void)state;
    lying_token_lies->weak = true;
    assert_err(KS_OK, "",
               keystore_generate(lying_token_store, id, "lies", MATERIAL_P256,
                                 &key, &cause));
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_true(info.sensitive && !info.extractable);
    assert_int_equal(info.origin, KEYSTORE_IMPORTED);
    keystore_key_free(&key);
}

static void
optional_attributes_may_be_refused(void **state)
{
    (void)state;
    lying_token_lies->refused = CKA_ALLOWED_MECHANISMS;
    for (size_t i = 0; i < TYPES; i++)
        assert_born(types[i]);
    lying_token_lies->refused_too = CKA_DERIVE;
    for (size_t i = 0; i < TYPES; i++)
        assert_born(types[i]);
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, lying_token_make_open,               \
                                    lying_token_close_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        opened(lacking_mechanism_is_unsupported),
        opened(protection_is_never_left_out),
        opened(weak_key_is_not_kept),
        opened(small_key_is_not_kept),
        opened(key_that_signs_wrong_is_not_kept),
        opened(used_id_is_kept),
        opened(key_born_weak_and_tightened_is_not_called_born),
        opened(optional_attributes_may_be_refused),
    };

    return lying_token_run(tests);
}
