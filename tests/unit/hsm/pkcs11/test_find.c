/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on the token: which is ours, what it may do, and that nothing else is
 * destroyed. */
#include "tests/unit/hsm/pkcs11/lying_token.h"

#include <openssl/err.h>

#include "hsm/pkcs11/key.h"

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

/* What finding a key read of it is told at once, and asked anew after any other
 * use of the token. */
static void
description_is_of_this_moment(void **state)
{
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    (void)state;
    put(RSA_2048, id);
    assert_err(KS_OK, "",
               keystore_find(lying_token_store, id, sample(RSA_2048)->public,
                             &key, &cause));
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_true(info.sign_only && !info.extractable);
    lying_token_assert_signs(key);
    lying_token_lies->flag = CKA_EXTRACTABLE;
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_true(info.extractable);
    keystore_key_free(&key);
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

static void
loosened_keys_are_described_as_they_are(void **state)
{
    static const struct {
        CK_ATTRIBUTE_TYPE flag;
        bool extractable;
        bool sign_only;
    } flags[] = {{CKA_EXTRACTABLE, true, true},
                 {CKA_DECRYPT, false, false},
                 {CKA_UNWRAP, false, false},
                 {CKA_DERIVE, false, false},
                 {CKA_SIGN_RECOVER, false, false}};
    struct keystore_key *key = import(P_256, id);
    struct keystore_key_info info;

    (void)state;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        lying_token_lies->flag = flags[i].flag;
        assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
        assert_int_equal(info.extractable, flags[i].extractable);
        assert_int_equal(info.sign_only, flags[i].sign_only);
    }
    keystore_key_free(&key);
}

/* CKA_LOCAL alone does not say that a key was never outside since. */
static void
key_that_was_extractable_once_counts_as_imported(void **state)
{
    struct keystore_key *key = import(P_256, id);
    struct keystore_key_info info;

    (void)state;
    lying_token_lies->flag = CKA_LOCAL;
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_int_equal(info.origin, KEYSTORE_IMPORTED);
    keystore_key_free(&key);
}

/* After each of them the operation is still open in the token's session. */
static void
failed_signature_does_not_block_the_next(void **state)
{
    static const struct {
        CK_RV rv;
        enum ks_err err;
    } answers[] = {{CKR_BUFFER_TOO_SMALL, KS_ERR_TOKEN_FAILED},
                   {CKR_DEVICE_ERROR, KS_ERR_TOKEN_FAILED},
                   {CKR_DEVICE_REMOVED, KS_ERR_TOKEN_MISSING},
                   {CKR_USER_NOT_LOGGED_IN, KS_ERR_PIN_NEEDED}};
    struct keystore_key *key = import(P_256, id);
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        size_t length = sizeof signature;

        lying_token_lies->sign = answers[i].rv;
        assert_err(answers[i].err, "C_Sign: CKR_",
                   keystore_sign(key, KEYSTORE_ES256, digest, signature,
                                 &length, &cause));
        assert_int_equal(length, sizeof signature);
        assert_int_equal(signature[0], 0);
        lying_token_assert_signs(key);
    }
    keystore_key_free(&key);
}

/* As one would be that the table has and this back end has not. */
static void
scheme_without_a_mechanism_is_refused(void **state)
{
    struct keystore_key *key = import(P_256, id);
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;

    (void)state;
    assert_err(KS_ERR_TOKEN_UNSUPPORTED, "no mechanism",
               pkcs11_sign((struct pkcs11_key *)key, 0, digest, signature,
                           &length, &cause));
    assert_int_equal(length, sizeof signature);
    lying_token_assert_signs(key);
    keystore_key_free(&key);
}

static void
errors_of_the_module_do_not_stay_in_our_queue(void **state)
{
    struct keystore_key *key = import(P_256, id);
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    unsigned long ours;

    (void)state;
    lying_token_lies->pollutes = true;
    ERR_clear_error();
    lying_token_assert_signs(key);
    ERR_clear_error(); /* the verification of an altered signature */

    ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
    ours = ERR_peek_error();
    keystore_key_free(&key);
    assert_err(KS_OK, "",
               keystore_find(lying_token_store, id, sample(P_256)->public, &key,
                             &cause));
    assert_err(
        KS_OK, "",
        keystore_sign(key, KEYSTORE_ES256, digest, signature, &length, &cause));
    assert_int_equal(ERR_get_error(), ours);
    assert_int_equal(ERR_get_error(), 0);
    keystore_key_free(&key);
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
        opened(loosened_keys_are_described_as_they_are),
        opened(key_that_was_extractable_once_counts_as_imported),
        opened(failed_signature_does_not_block_the_next),
        opened(scheme_without_a_mechanism_is_refused),
        opened(errors_of_the_module_do_not_stay_in_our_queue),
        opened(rsa_key_needs_no_public_object),
        opened(rsa_key_with_an_empty_number_is_read_from_the_public_object),
        opened(token_that_answers_one_by_one_is_understood),
        opened(description_is_of_this_moment),
        opened(point_without_octet_string_is_understood),
    };

    return lying_token_run(tests);
}
