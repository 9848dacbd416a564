/* SPDX-License-Identifier: Apache-2.0 */
/* Import into tokens that take no key in the clear: when the wrapped way is
 * gone, which ways are tried, and that nothing is left of any that fails. */
#include "hsm/pkcs11/unwrap.h"
#include "tests/unit/hsm/pkcs11/lying_token.h"

#define REFUSES_CLEAR CKR_ATTRIBUTE_VALUE_INVALID
#define AES_KEY_WRAP_KWP 0x210bUL

static const uint8_t id[KEYSTORE_ID_LENGTH] = {7};
static const enum sample_name kinds[] = {RSA_2048, P_256};

#define KINDS (sizeof kinds / sizeof kinds[0])
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Refused, and the token is as empty as before. */
static void
assert_refused(enum ks_err wanted, const char *says)
{
    struct keystore_key *key = NULL;

    assert_err(wanted, says, lying_token_import(P_256, id, &key, &cause));
    assert_null(key);
    assert_int_equal(lying_token_lies->objects, 0);
    assert_int_equal(keystore_info(lying_token_store)->way,
                     KEYSTORE_WAY_UNKNOWN);
}

/* A key that is as protected as one that came in the clear, and nothing
 * beside its two objects. */
static void
assert_imported(enum sample_name name)
{
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    assert_err(KS_OK, "", lying_token_import(name, id, &key, &cause));
    assert_int_equal(lying_token_lies->objects, 2);
    lying_token_assert_signs(key);
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_true(info.sensitive && !info.extractable && info.sign_only);
    assert_int_equal(info.origin, KEYSTORE_IMPORTED);
    keystore_key_free(&key);
    assert_err(KS_OK, "", keystore_remove(lying_token_store, id, &cause));
    assert_int_equal(lying_token_lies->objects, 0);
}

static void
other_failures_are_no_reason_to_wrap(void **state)
{
    static const CK_RV answers[] = {
        CKR_DEVICE_MEMORY,         CKR_DEVICE_REMOVED,
        CKR_DEVICE_ERROR,          CKR_GENERAL_ERROR,
        CKR_TOKEN_WRITE_PROTECTED, CKR_SESSION_READ_ONLY,
        CKR_USER_NOT_LOGGED_IN,    CKR_SESSION_HANDLE_INVALID};
    struct keystore_key *key = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        lying_token_lies->create_private = answers[i];
        assert_int_not_equal(lying_token_import(P_256, id, &key, NULL), KS_OK);
        assert_false(pkcs11_unwrap_may_help(answers[i]));
        assert_int_equal(lying_token_lies->unwraps, 0);
        assert_int_equal(lying_token_lies->objects, 0);
    }
    assert_null(key);
}

static void
token_that_unwraps_nothing_is_refused(void **state)
{
    (void)state;
    lying_token_lies->create_private = REFUSES_CLEAR;
    lying_token_lies->unwrap = CKR_MECHANISM_INVALID;
    assert_refused(KS_ERR_TOKEN_UNSUPPORTED,
                   "C_CreateObject: CKR_ATTRIBUTE_VALUE_INVALID, and wrapped: "
                   "C_UnwrapKey: CKR_MECHANISM_INVALID");
    lying_token_lies->unwrap = CKR_DEVICE_MEMORY;
    assert_refused(KS_ERR_TOKEN_FULL, "C_UnwrapKey: CKR_DEVICE_MEMORY");
    lying_token_lies->unwrap = CKR_WRAPPED_KEY_INVALID;
    assert_refused(KS_ERR_TOKEN_UNSUPPORTED, "CKR_WRAPPED_KEY_INVALID");
    lying_token_lies->unwrap = CKR_OK;
    lying_token_lies->lacking = CKM_RSA_PKCS_OAEP;
    assert_refused(KS_ERR_TOKEN_UNSUPPORTED, "CKR_MECHANISM_INVALID");
    lying_token_lies->lacking = CKM_RSA_PKCS_KEY_PAIR_GEN;
    assert_refused(KS_ERR_TOKEN_UNSUPPORTED, "(transport): CKR_MECHANISM");
}

/* Other ways are asked for nothing, and could only hide the reason. */
static void
failure_that_is_not_of_the_way_ends_the_search(void **state)
{
    static const struct {
        CK_RV rv;
        enum ks_err err;
        const char *says;
    } answers[] = {
        {CKR_DEVICE_MEMORY, KS_ERR_TOKEN_FULL, "CKR_DEVICE_MEMORY"},
        {CKR_DEVICE_REMOVED, KS_ERR_TOKEN_MISSING, "CKR_DEVICE_REMOVED"},
        {CKR_TOKEN_NOT_PRESENT, KS_ERR_TOKEN_MISSING, "CKR_TOKEN_NOT_PRESENT"},
        {CKR_DEVICE_ERROR, KS_ERR_TOKEN_FAILED, "CKR_DEVICE_ERROR"},
        {CKR_USER_NOT_LOGGED_IN, KS_ERR_PIN_NEEDED, "CKR_USER_NOT_LOGGED_IN"},
        {CKR_SESSION_CLOSED, KS_ERR_TOKEN_FAILED, "CKR_SESSION_CLOSED"},
        {CKR_SESSION_HANDLE_INVALID, KS_ERR_TOKEN_FAILED, "CKR_SESSION_HAND"},
        {CKR_SESSION_READ_ONLY, KS_ERR_TOKEN_UNSUPPORTED, "CKR_SESSION_READ"},
    };
    static const struct {
        CK_MECHANISM_TYPE by;
        unsigned last; /* it is the one whose number this is */
    } ways[] = {{CKM_RSA_AES_KEY_WRAP, 1},
                {CKM_RSA_PKCS_OAEP, 2},
                {AES_KEY_WRAP_KWP, 5}};

    (void)state;
    lying_token_lies->create_private = REFUSES_CLEAR;
    lying_token_lies->lacking = CKM_AES_KEY_WRAP_PAD;
    /* A transport key is born for each, so not every answer to every way. */
    for (size_t i = 0; i < COUNT(answers); i++) {
        lying_token_lies->unwraps = 0;
        lying_token_lies->unwrap = answers[i].rv;
        lying_token_lies->unwrap_by = ways[i % COUNT(ways)].by;
        assert_refused(answers[i].err, answers[i].says);
        assert_int_equal(lying_token_lies->unwraps, ways[i % COUNT(ways)].last);
    }
}

/* An AES key that is in the token does not get there by another hash again, and
 * what failed behind it is told, not that the token lacks another way. */
static void
steps_behind_the_hash_are_tried_once(void **state)
{
    static const struct {
        CK_RV rv;
        const char *says;
    } answers[] = {
        {CKR_FUNCTION_FAILED, "wrapped: C_UnwrapKey: CKR_FUNCTION_FAILED"},
        {CKR_GENERAL_ERROR, "wrapped: C_UnwrapKey: CKR_GENERAL_ERROR"},
    };
    static const CK_MECHANISM_TYPE order[] = {
        CKM_RSA_AES_KEY_WRAP, CKM_RSA_PKCS_OAEP, AES_KEY_WRAP_KWP,
        CKM_AES_KEY_WRAP_PAD, CKM_RSA_AES_KEY_WRAP};

    (void)state;
    lying_token_lies->create_private = REFUSES_CLEAR;
    lying_token_lies->unwraps_no_key = true;
    lying_token_lies->lacking = CKM_RSA_AES_KEY_WRAP;
    lying_token_lies->lacking_too = AES_KEY_WRAP_KWP;
    lying_token_lies->unwrap_by = CKM_AES_KEY_WRAP_PAD;
    for (size_t i = 0; i < COUNT(answers); i++) {
        lying_token_lies->unwraps = 0;
        lying_token_lies->unwrap = answers[i].rv;
        assert_refused(KS_ERR_TOKEN_FAILED, answers[i].says);
        assert_int_equal(lying_token_lies->unwraps, COUNT(order));
        for (size_t j = 0; j < COUNT(order); j++)
            assert_int_equal(lying_token_lies->unwrapped[j], order[j]);
    }
}

static void
weak_transport_key_is_not_used(void **state)
{
    (void)state;
    lying_token_lies->create_private = REFUSES_CLEAR;
    lying_token_lies->small_keys = true;
    assert_refused(KS_ERR_TOKEN_WEAK, "transport key is of another kind");
    assert_int_equal(lying_token_lies->unwraps, 0);
}

/* openCryptoki takes no notice of the template's two attributes. */
static void
weak_key_is_tightened_or_not_kept(void **state)
{
    (void)state;
    lying_token_lies->create_private = REFUSES_CLEAR;
    lying_token_lies->weak = true;
    lying_token_lies->stubborn = true;
    assert_refused(KS_ERR_TOKEN_WEAK, "CKA_SENSITIVE stays false");
    lying_token_lies->stubborn = false;
    for (size_t i = 0; i < KINDS; i++)
        assert_imported(kinds[i]);
}

static void
key_that_is_lost_or_another_is_not_kept(void **state)
{
    struct keystore_key *key = NULL;

    (void)state;
    lying_token_lies->create_private = REFUSES_CLEAR;
    lying_token_lies->loses = true;
    assert_err(KS_ERR_TOKEN_FAILED, "does not have it",
               lying_token_import(P_256, id, &key, &cause));
    assert_int_equal(lying_token_lies->objects, 0);
    lying_token_lies->loses = false;
    lying_token_lies->signs_wrong = true;
    assert_err(KS_ERR_KEY_OTHER, "does not verify",
               lying_token_import(P_256, id, &key, &cause));
    assert_int_equal(lying_token_lies->objects, 0);
    assert_null(key);
}

static void
protection_is_never_left_out(void **state)
{
    static const CK_ATTRIBUTE_TYPE needed[] = {CKA_SENSITIVE, CKA_EXTRACTABLE,
                                               CKA_PRIVATE, CKA_TOKEN};

    (void)state;
    lying_token_lies->create_private = REFUSES_CLEAR;
    for (size_t i = 0; i < COUNT(needed); i++) {
        struct keystore_key *key = NULL;

        lying_token_lies->refused = needed[i];
        assert_err(KS_ERR_TOKEN_UNSUPPORTED, "CKR_ATTRIBUTE_TYPE_INVALID",
                   lying_token_import(P_256, id, &key, &cause));
        assert_null(key);
        assert_int_equal(lying_token_lies->objects, 0);
    }
}

static void
every_refusal_of_the_clear_key_leads_to_a_wrapped_one(void **state)
{
    static const CK_RV answers[] = {
        CKR_ATTRIBUTE_VALUE_INVALID,    CKR_TEMPLATE_INCONSISTENT,
        CKR_ATTRIBUTE_TYPE_INVALID,     CKR_ATTRIBUTE_READ_ONLY,
        CKR_FUNCTION_NOT_SUPPORTED,     CKR_FUNCTION_REJECTED,
        CKR_ACTION_PROHIBITED,          CKR_ATTRIBUTE_SENSITIVE,
        CKR_KEY_FUNCTION_NOT_PERMITTED,
    };

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++)
        assert_true(pkcs11_unwrap_may_help(answers[i]));
    for (size_t i = 0; i < KINDS; i++) {
        lying_token_lies->create_private = answers[i];
        assert_imported(kinds[i]);
        assert_int_equal(keystore_info(lying_token_store)->way,
                         KEYSTORE_WAY_WRAPPED);
    }
}

/* SoftHSM knows neither the combined mechanism nor SHA-256 in OAEP, and has
 * KWP under the older number. */
static void
ways_are_tried_in_order(void **state)
{
    static const CK_MECHANISM_TYPE order[] = {
        CKM_RSA_AES_KEY_WRAP, CKM_RSA_PKCS_OAEP, CKM_RSA_AES_KEY_WRAP,
        CKM_RSA_PKCS_OAEP,    AES_KEY_WRAP_KWP,  CKM_AES_KEY_WRAP_PAD};

    (void)state;
    lying_token_lies->create_private = REFUSES_CLEAR;
    assert_imported(P_256);
    assert_int_equal(lying_token_lies->unwraps, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++)
        assert_int_equal(lying_token_lies->unwrapped[i], order[i]);
}

static void
token_without_the_function_is_told_so(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    keystore_close(&lying_token_store);
    lying_token_lies->no_unwrap = true;
    lying_token_lies->create_private = REFUSES_CLEAR;
    assert_err(KS_OK, "",
               lying_token_open(&config, &lying_token_store, &cause));
    assert_refused(KS_ERR_TOKEN_UNSUPPORTED, "no C_UnwrapKey");
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, lying_token_make_open,               \
                                    lying_token_close_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        opened(other_failures_are_no_reason_to_wrap),
        opened(token_that_unwraps_nothing_is_refused),
        opened(failure_that_is_not_of_the_way_ends_the_search),
        opened(steps_behind_the_hash_are_tried_once),
        opened(weak_transport_key_is_not_used),
        opened(weak_key_is_tightened_or_not_kept),
        opened(key_that_is_lost_or_another_is_not_kept),
        opened(protection_is_never_left_out),
        opened(token_without_the_function_is_told_so),
        opened(every_refusal_of_the_clear_key_leads_to_a_wrapped_one),
        opened(ways_are_tried_in_order),
    };

    return lying_token_run(tests);
}
