/* SPDX-License-Identifier: Apache-2.0 */
/* Import into tokens that refuse, forget or weaken: a key that is protected
 * and signs, or nothing. */
#include "tests/unit/hsm/pkcs11/lying_token.h"

static const uint8_t id[KEYSTORE_ID_LENGTH] = {7};
static const enum sample_name kinds[] = {RSA_2048, P_256};

#define KINDS (sizeof kinds / sizeof kinds[0])

static struct keystore_key *
import(enum sample_name name)
{
    struct keystore_key *key = NULL;

    assert_err(KS_OK, "", lying_token_import(name, id, &key, &cause));
    assert_int_equal(lying_token_lies->objects, 2);
    return key;
}

static void
assert_protected(struct keystore_key *key)
{
    struct keystore_key_info info;

    lying_token_assert_signs(key);
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_true(info.sensitive);
    assert_false(info.extractable);
    assert_true(info.sign_only);
}

static void
remove_again(struct keystore_key *key)
{
    keystore_key_free(&key);
    assert_err(KS_OK, "", keystore_remove(lying_token_store, id, &cause));
    assert_int_equal(lying_token_lies->objects, 0);
}

/* With the lies as they are both kinds of keys are refused, and without them
 * taken: nothing was left to stand in the way. */
static void
assert_refused(const struct lies *told, enum ks_err wanted, const char *says)
{
    const struct lies before = *lying_token_lies;
    struct keystore_key *key = NULL;

    for (size_t i = 0; i < KINDS; i++) {
        *lying_token_lies = *told;
        assert_err(wanted, says,
                   lying_token_import(kinds[i], id, &key, &cause));
        assert_null(key);
        assert_int_equal(lying_token_lies->objects, 0);
        *lying_token_lies = before;
        remove_again(import(kinds[i]));
    }
}

static void
protection_is_never_left_out(void **state)
{
    static const CK_ATTRIBUTE_TYPE needed[] = {CKA_SENSITIVE, CKA_EXTRACTABLE,
                                               CKA_PRIVATE, CKA_TOKEN};
    struct lies told = *lying_token_lies;

    (void)state;
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        told.refused = needed[i];
        assert_refused(&told, KS_ERR_TOKEN_UNSUPPORTED,
                       "CKR_ATTRIBUTE_TYPE_INVALID");
    }
}

static void
weak_key_is_not_kept(void **state)
{
    struct lies told = *lying_token_lies;

    (void)state;
    told.weak = true;
    told.stubborn = true;
    assert_refused(&told, KS_ERR_TOKEN_WEAK, "CKA_SENSITIVE stays false");
}

static void
key_that_may_do_more_is_not_kept(void **state)
{
    static const struct {
        CK_ATTRIBUTE_TYPE flag;
        const char *says;
    } flags[] = {{CKA_DECRYPT, "CKA_DECRYPT stays true"},
                 {CKA_UNWRAP, "CKA_UNWRAP stays true"},
                 {CKA_DERIVE, "CKA_DERIVE stays true"},
                 {CKA_SIGN_RECOVER, "CKA_SIGN_RECOVER stays true"},
                 {CKA_EXTRACTABLE, "CKA_EXTRACTABLE stays true"}};
    struct lies told = *lying_token_lies;

    (void)state;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        told.flag = flags[i].flag;
        assert_refused(&told, KS_ERR_TOKEN_WEAK, flags[i].says);
    }
}

/* Whatever its flags say.  Only the length is asked for, so that the number
 * stays where it is. */
static void
key_whose_numbers_can_be_read_is_not_kept(void **state)
{
    static const struct {
        enum sample_name name;
        CK_ATTRIBUTE_TYPE number;
    } numbers[] = {{RSA_2048, CKA_PRIVATE_EXPONENT},
                   {RSA_2048, CKA_PRIME_1},
                   {RSA_2048, CKA_PRIME_2},
                   {RSA_2048, CKA_EXPONENT_1},
                   {RSA_2048, CKA_EXPONENT_2},
                   {RSA_2048, CKA_COEFFICIENT},
                   {P_256, CKA_VALUE}};
    struct keystore_key *key = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        lying_token_lies->revealed = numbers[i].number;
        assert_err(KS_ERR_TOKEN_WEAK, "would give away",
                   lying_token_import(numbers[i].name, id, &key, &cause));
        assert_null(key);
        assert_int_equal(lying_token_lies->objects, 0);
    }
}

/* SoftHSM on a full disk says CKR_OK to every object. */
static void
key_that_was_lost_is_noticed(void **state)
{
    struct lies told = *lying_token_lies;

    (void)state;
    told.loses = true;
    assert_refused(&told, KS_ERR_TOKEN_FAILED, "does not have it");
}

static void
full_token_keeps_no_half_key(void **state)
{
    struct lies told = *lying_token_lies;

    (void)state;
    told.create_private = CKR_DEVICE_MEMORY;
    assert_refused(&told, KS_ERR_TOKEN_FULL, "C_CreateObject: CKR_DEVICE_MEM");
    told.create_private = CKR_OK;
    told.create_public = CKR_DEVICE_MEMORY;
    assert_refused(&told, KS_ERR_TOKEN_FULL, "(public): CKR_DEVICE_MEMORY");
}

static void
key_that_signs_wrong_is_not_kept(void **state)
{
    struct lies told = *lying_token_lies;

    (void)state;
    told.signs_wrong = true;
    assert_refused(&told, KS_ERR_KEY_OTHER, "does not verify");
}

static void
key_that_cannot_sign_is_not_kept(void **state)
{
    struct keystore_key *key = NULL;

    (void)state;
    lying_token_lies->lacking = CKM_RSA_PKCS_PSS;
    assert_err(KS_ERR_TOKEN_UNSUPPORTED, "TLS 1.3 wants PSS",
               lying_token_import(RSA_2048, id, &key, &cause));
    lying_token_lies->lacking_too = CKM_RSA_PKCS;
    assert_err(KS_ERR_TOKEN_UNSUPPORTED, "CKR_MECHANISM_INVALID",
               lying_token_import(RSA_2048, id, &key, &cause));
    lying_token_lies->lacking = CKM_ECDSA;
    assert_err(KS_ERR_TOKEN_UNSUPPORTED, "CKR_MECHANISM_INVALID",
               lying_token_import(P_256, id, &key, &cause));
    assert_null(key);
    assert_int_equal(lying_token_lies->objects, 0);
}

/* "Nothing was kept" must not be said where it is not true. */
static void
key_that_cannot_be_destroyed_again_is_named(void **state)
{
    struct keystore_key *key = NULL;

    (void)state;
    lying_token_lies->signs_wrong = true;
    lying_token_lies->destroy = CKR_ACTION_PROHIBITED;
    assert_err(KS_ERR_TOKEN_FAILED, "could not be destroyed",
               lying_token_import(P_256, id, &key, &cause));
    assert_null(key);
    assert_int_equal(lying_token_lies->objects, 2);
}

static void
key_of_before_survives_a_failed_import(void **state)
{
    struct keystore_key *key = import(P_256);

    (void)state;
    keystore_key_free(&key);
    lying_token_lies->signs_wrong = true;
    assert_err(KS_ERR_KEY_OTHER, "does not verify",
               lying_token_import(P_256, id, &key, &cause));
    assert_err(KS_ERR_KEY_OTHER, "nothing was changed",
               lying_token_import(P_256_OTHER, id, &key, &cause));
    assert_null(key);
    lying_token_lies->signs_wrong = false;
    key = import(P_256);
    assert_protected(key);
    remove_again(key);
}

static void
optional_attributes_may_be_refused(void **state)
{
    static const CK_ATTRIBUTE_TYPE optional[] = {CKA_ALLOWED_MECHANISMS,
                                                 CKA_SIGN_RECOVER, CKA_DECRYPT,
                                                 CKA_UNWRAP, CKA_DERIVE};

    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        for (size_t j = 0; j < sizeof optional / sizeof optional[0]; j++) {
            struct keystore_key *key = NULL;

            lying_token_lies->refused = optional[j];
            lying_token_lies->refused_too = CKA_ALLOWED_MECHANISMS;
            key = import(kinds[i]);
            assert_protected(key);
            remove_again(key);
        }
}

static void
weak_key_is_tightened_where_that_helps(void **state)
{
    (void)state;
    lying_token_lies->weak = true;
    for (size_t i = 0; i < KINDS; i++) {
        struct keystore_key *key = import(kinds[i]);

        assert_protected(key);
        remove_again(key);
    }
}

/* A crash between the two objects of a key, and one before. */
static void
interrupted_import_is_finished_by_the_next(void **state)
{
    const struct lies honest = *lying_token_lies;
    struct keystore_key *key = NULL;

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        lying_token_lies->create_public = CKR_DEVICE_ERROR;
        lying_token_lies->destroy = CKR_DEVICE_ERROR;
        assert_err(KS_ERR_TOKEN_FAILED, "could not be destroyed",
                   lying_token_import(kinds[i], id, &key, &cause));
        assert_int_equal(lying_token_lies->objects, 1);
        lying_token_lies->create_public = honest.create_public;
        lying_token_lies->destroy = honest.destroy;
        key = import(kinds[i]);
        assert_protected(key);
        remove_again(key);
        key = NULL;
    }
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, lying_token_make_open,               \
                                    lying_token_close_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        opened(protection_is_never_left_out),
        opened(weak_key_is_not_kept),
        opened(key_that_may_do_more_is_not_kept),
        opened(key_whose_numbers_can_be_read_is_not_kept),
        opened(key_that_was_lost_is_noticed),
        opened(full_token_keeps_no_half_key),
        opened(key_that_signs_wrong_is_not_kept),
        opened(key_that_cannot_sign_is_not_kept),
        opened(key_that_cannot_be_destroyed_again_is_named),
        opened(key_of_before_survives_a_failed_import),
        opened(optional_attributes_may_be_refused),
        opened(weak_key_is_tightened_where_that_helps),
        opened(interrupted_import_is_finished_by_the_next),
    };

    return lying_token_run(tests);
}
