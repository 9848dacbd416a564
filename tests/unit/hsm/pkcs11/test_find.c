/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on the token: which is ours, and that nothing else is destroyed. */
#include "tests/unit/hsm/pkcs11/lying_token.h"

static const uint8_t id[KEYSTORE_ID_LENGTH] = {7};
static const uint8_t other_id[KEYSTORE_ID_LENGTH] = {8};

static struct keystore_key *
import(enum sample_name name, const uint8_t *under)
{
    struct keystore_key *key = NULL;

    assert_err(KS_OK, "", lying_token_import(name, under, &key, &cause));
    return key;
}

static void
put(enum sample_name name, const uint8_t *under)
{
    struct keystore_key *key = import(name, under);

    keystore_key_free(&key);
}

static void
assert_not_found(EVP_PKEY *public, enum ks_err wanted, const char *says)
{
    struct keystore_key *key = NULL;

    assert_err(wanted, says,
               keystore_find(lying_token_store, id, public, &key, &cause));
    assert_null(key);
}

static void
assert_found(EVP_PKEY *public)
{
    struct keystore_key *key = NULL;

    assert_err(KS_OK, "",
               keystore_find(lying_token_store, id, public, &key, &cause));
    lying_token_assert_signs(key);
    keystore_key_free(&key);
}

static void
two_keys_under_an_id_are_none(void **state)
{
    struct keystore_key *key = NULL;

    (void)state;
    put(P_256, id);
    lying_token_lies->doubles = true;
    assert_not_found(NULL, KS_ERR_KEY_OTHER, "more than one private key");
    assert_not_found(sample(P_256)->public, KS_ERR_KEY_OTHER, "more than one");
    assert_err(KS_ERR_KEY_OTHER, "more than one",
               lying_token_import(P_256, id, &key, &cause));
    assert_null(key);
    assert_int_equal(lying_token_lies->objects, 2);
}

/* SoftHSM keeps the point of an EC key in the public object alone. */
static void
unknown_public_half_must_be_told_and_proved(void **state)
{
    (void)state;
    put(P_256, id);
    lying_token_lies->hides_public = true;
    assert_not_found(NULL, KS_ERR_KEY_OTHER, "does not know its public half");
    assert_not_found(sample(P_256_OTHER)->public, KS_ERR_KEY_OTHER,
                     "does not verify");
    assert_not_found(sample(RSA_2048)->public, KS_ERR_KEY_OTHER,
                     "another type");
    assert_found(sample(P_256)->public);
}

static void
rsa_key_needs_no_public_object(void **state)
{
    (void)state;
    put(RSA_2048, id);
    lying_token_lies->hides_public = true;
    assert_found(NULL);
}

/* An attribute without a value is none, and no sign of another key. */
static void
rsa_key_with_an_empty_number_is_read_from_the_public_object(void **state)
{
    static const CK_ATTRIBUTE_TYPE numbers[] = {CKA_PUBLIC_EXPONENT,
                                                CKA_MODULUS};

    (void)state;
    put(RSA_2048, id);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        lying_token_lies->empty = numbers[i];
        assert_found(sample(RSA_2048)->public);
        assert_found(NULL);
    }
}

/* Nor does a token have to answer many questions at once. */
static void
token_that_answers_one_by_one_is_understood(void **state)
{
    static const enum sample_name names[] = {RSA_2048, P_256};

    (void)state;
    lying_token_lies->one_by_one = true;
    for (size_t i = 0; i < 2; i++) {
        struct keystore_key *key = import(names[i], id);
        struct keystore_key_info info;

        keystore_key_free(&key);
        assert_found(sample(names[i])->public);
        assert_found(NULL);
        assert_err(KS_OK, "",
                   keystore_find(lying_token_store, id,
                                 sample(names[i])->public, &key, &cause));
        assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
        assert_true(info.sensitive && !info.extractable && info.sign_only);
        keystore_key_free(&key);
        assert_not_found(sample(P_256_OTHER)->public, KS_ERR_KEY_OTHER, "");
        assert_err(KS_OK, "", keystore_remove(lying_token_store, id, &cause));
    }
}

static void
point_without_octet_string_is_understood(void **state)
{
    (void)state;
    put(P_256, id);
    lying_token_lies->bare_point = true;
    assert_found(NULL);
}

static void
key_that_wants_the_pin_each_time_is_refused(void **state)
{
    struct keystore_key *key = NULL;

    (void)state;
    put(P_256, id);
    lying_token_lies->flag = CKA_ALWAYS_AUTHENTICATE;
    assert_not_found(NULL, KS_ERR_TOKEN_UNSUPPORTED, "PIN again");
    assert_err(KS_ERR_TOKEN_UNSUPPORTED, "PIN again",
               lying_token_import(P_256_OTHER, other_id, &key, &cause));
    assert_null(key);
    assert_int_equal(lying_token_lies->objects, 2);
}

static void
impossible_numbers_of_objects_are_refused(void **state)
{
    (void)state;
    put(P_256, id);
    lying_token_lies->floods = true;
    assert_not_found(NULL, KS_ERR_TOKEN_FAILED, "C_FindObjects");
    assert_err(KS_ERR_TOKEN_FAILED, "C_FindObjects",
               keystore_remove(lying_token_store, id, &cause));
    assert_int_equal(lying_token_lies->objects, 2);
}

/* A token that ignores what it is asked for must cost nobody a key. */
static void
nothing_of_another_id_is_destroyed(void **state)
{
    (void)state;
    put(P_256, other_id);
    lying_token_lies->finds_any = true;
    assert_err(KS_ERR_TOKEN_FAILED, "another id",
               keystore_remove(lying_token_store, id, &cause));
    assert_int_equal(lying_token_lies->objects, 2);
    put(P_256, other_id);
    assert_int_equal(lying_token_lies->objects, 2);
}

static void
removal_that_did_not_happen_is_noticed(void **state)
{
    (void)state;
    put(P_256, id);
    lying_token_lies->keeps = true;
    assert_err(KS_ERR_TOKEN_FAILED, "still there",
               keystore_remove(lying_token_store, id, &cause));
    lying_token_lies->keeps = false;
    lying_token_lies->destroy = CKR_ACTION_PROHIBITED;
    assert_err(KS_ERR_TOKEN_UNSUPPORTED, "CKR_ACTION_PROHIBITED",
               keystore_remove(lying_token_store, id, &cause));
    assert_found(NULL);
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, lying_token_make_open,               \
                                    lying_token_close_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        opened(two_keys_under_an_id_are_none),
        opened(unknown_public_half_must_be_told_and_proved),
        opened(key_that_wants_the_pin_each_time_is_refused),
        opened(impossible_numbers_of_objects_are_refused),
        opened(nothing_of_another_id_is_destroyed),
        opened(removal_that_did_not_happen_is_noticed),
        opened(rsa_key_needs_no_public_object),
        opened(rsa_key_with_an_empty_number_is_read_from_the_public_object),
        opened(token_that_answers_one_by_one_is_understood),
        opened(point_without_octet_string_is_understood),
    };

    return lying_token_run(tests);
}
