/* SPDX-License-Identifier: Apache-2.0 */
/* The PIN: shown to the one right token, once, and never on its last try. */
#include "tests/unit/hsm/pkcs11/lying_token.h"

#include <string.h>

#include "tests/support/store_fixture.h"

static void
assert_not_opened(const struct keystore_config *config, enum ks_err wanted,
                  const char *says)
{
    struct keystore *store = NULL;

    assert_err(wanted, says, lying_token_open(config, &store, &cause));
    assert_null(store);
}

static void
assert_opened(const struct keystore_config *config)
{
    assert_err(KS_OK, "", lying_token_open(config, &lying_token_store, &cause));
}

/* No other is looked for, whatever p11-kit has configured. */
static void
module_is_the_one_that_was_chosen(void **state)
{
    struct keystore_config config = lying_token_config();
    char overlong[300];

    (void)state;
    memset(overlong, 'm', sizeof overlong);
    overlong[0] = '/';
    overlong[sizeof overlong - 1] = '\0';
    config.module = "/nonexistent/module.so";
    assert_not_opened(&config, KS_ERR_TOKEN_MODULE, "No such file");
    config.module = overlong;
    assert_not_opened(&config, KS_ERR_TOKEN_MODULE, "too long");
    config.uri = "pkcs11:token=holdfast%20contract";
    config.module = NULL;
    assert_not_opened(&config, KS_ERR_TOKEN_MODULE, "no module is named");
    config.module = lying_token_module();
    assert_opened(&config);
    keystore_close(&lying_token_store);
}

static void
locked_pin_is_not_tried(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->flags_set = CKF_USER_PIN_LOCKED;
    assert_not_opened(&config, KS_ERR_PIN_LOCKED, "locked");
    assert_int_equal(lying_token_lies->logins, 0);
}

static void
last_try_is_not_used_up(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->flags_set = CKF_USER_PIN_FINAL_TRY;
    assert_not_opened(&config, KS_ERR_PIN_LOCKED, "one more wrong PIN");
    assert_int_equal(lying_token_lies->logins, 0);

    /* Nor on the token's own key pad. */
    lying_token_lies->flags_set |= CKF_PROTECTED_AUTHENTICATION_PATH;
    assert_not_opened(&config, KS_ERR_PIN_LOCKED, "one more wrong PIN");
    assert_int_equal(lying_token_lies->logins, 0);
}

static void
missing_pin_is_not_tried(void **state)
{
    struct keystore_config config = lying_token_config();
    struct secret *empty = store_fixture_secret("");

    (void)state;
    assert_non_null(empty);
    config.pin = NULL;
    assert_not_opened(&config, KS_ERR_PIN_NEEDED, "holdfast contract");
    config.pin = empty;
    assert_not_opened(&config, KS_ERR_PIN_NEEDED, "holdfast contract");
    secret_free(&empty);
    assert_int_equal(lying_token_lies->logins, 0);
}

static void
wrong_pin_is_tried_once(void **state)
{
    struct keystore_config config = lying_token_config();
    struct secret *wrong = store_fixture_secret("not-the-pin");

    (void)state;
    assert_non_null(wrong);
    config.pin = wrong;
    assert_not_opened(&config, KS_ERR_PIN_WRONG, "CKR_PIN_INCORRECT");
    secret_free(&wrong);
    assert_int_equal(lying_token_lies->logins, 1);
}

static void
emulation_never_sees_the_pin_without_consent(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    config.allow_emulation = false;
    assert_not_opened(&config, KS_ERR_TOKEN_EMULATED, "holdfast contract");
    assert_int_equal(lying_token_lies->logins, 0);
}

static void
other_token_never_sees_the_pin(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    config.serial = "0000000000000000";
    assert_not_opened(&config, KS_ERR_TOKEN_OTHER, "serial");
    assert_int_equal(lying_token_lies->logins, 0);
}

static void
tokens_without_content_do_not_count(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->flags_cleared = CKF_TOKEN_INITIALIZED;
    config.uri = "pkcs11:manufacturer=SoftHSM%20project";
    config.module = lying_token_module();
    assert_not_opened(&config, KS_ERR_TOKEN_MISSING, "not in");
}

/* A module that sets no such flag. */
static void
token_that_is_named_by_its_label_counts(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->flags_cleared = CKF_TOKEN_INITIALIZED;
    assert_opened(&config);
}

/* Thales' modules say that no login is required, and show nothing private
 * without one. */
static void
given_pin_is_used_whatever_the_token_says(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->flags_cleared = CKF_LOGIN_REQUIRED |
                                      CKF_USER_PIN_INITIALIZED;
    assert_opened(&config);
    assert_int_equal(lying_token_lies->logins, 1);
    keystore_close(&lying_token_store);
    lying_token_lies->flags_set = CKF_USER_PIN_LOCKED;
    assert_not_opened(&config, KS_ERR_PIN_LOCKED, "locked");
    assert_int_equal(lying_token_lies->logins, 1);
}

static void
impossible_numbers_of_slots_are_refused(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->slots = 100000;
    assert_not_opened(&config, KS_ERR_TOKEN_FAILED, "slots");
}

/* A reader that was plugged in after the module's start. */
static void
slot_that_shows_late_is_found(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->late = true;
    assert_opened(&config);
    assert_false(lying_token_lies->late);
}

/* SoftHSM says that everybody is logged in, and shows nothing private. */
static void
login_that_did_not_happen_is_no_missing_key(void **state)
{
    struct keystore_config config = lying_token_config();
    const uint8_t id[KEYSTORE_ID_LENGTH] = {7};
    struct keystore_key *key = NULL;

    (void)state;
    lying_token_lies->no_login = true;
    assert_opened(&config);
    assert_err(KS_ERR_PIN_NEEDED, "login",
               keystore_find(lying_token_store, id, NULL, &key, &cause));
    assert_err(KS_ERR_PIN_NEEDED, "login",
               lying_token_import(P_256, id, &key, &cause));
    assert_err(KS_ERR_PIN_NEEDED, "login",
               keystore_generate(lying_token_store, id, "lies", MATERIAL_P256,
                                 &key, &cause));
    assert_null(key);
    assert_int_equal(lying_token_lies->objects, 0);
}

static void
low_pin_counter_is_no_obstacle(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->flags_set = CKF_USER_PIN_COUNT_LOW;
    assert_opened(&config);
    assert_int_equal(lying_token_lies->logins, 1);
}

static void
key_pad_is_used_where_there_is_one(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    lying_token_lies->flags_set = CKF_PROTECTED_AUTHENTICATION_PATH;
    assert_opened(&config); /* with the PIN that was given */
    keystore_close(&lying_token_store);
    assert_int_equal(lying_token_lies->logins, 1);
    assert_int_equal(lying_token_lies->key_pad_logins, 0);
    config.pin = NULL;
    assert_opened(&config);
    assert_int_equal(lying_token_lies->logins, 2);
    assert_int_equal(lying_token_lies->key_pad_logins, 1);
}

static void
token_without_login_is_asked_for_none(void **state)
{
    struct keystore_config config = lying_token_config();

    (void)state;
    config.pin = NULL;
    lying_token_lies->flags_cleared = CKF_LOGIN_REQUIRED;
    assert_opened(&config);
    assert_int_equal(lying_token_lies->logins, 0);
}

static void
emulations_are_known_by_what_they_say(void **state)
{
    static const struct {
        const char *maker, *model;
        bool emulated;
    } makers[] = {{"SoftHSM project", "HSM", true},
                  {"Mozilla Foundation", "NSS 3", true},
                  {"Kryoptic Project", "v1", true},
                  {"IBM Corp.", "IBM SoftTok", true},
                  {"A maker of hardware", "HSM", false},
                  {"SoftHSM projects", "HSM", false},
                  {"IBM", "ICA", false}};
    struct keystore_config config = lying_token_config();

    (void)state;
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        lying_token_lies->maker = makers[i].maker;
        lying_token_lies->model = makers[i].model;
        config.allow_emulation = false;
        if (makers[i].emulated)
            assert_not_opened(&config, KS_ERR_TOKEN_EMULATED, "");
        config.allow_emulation = makers[i].emulated;
        assert_opened(&config);
        assert_string_equal(keystore_info(lying_token_store)->maker,
                            makers[i].maker);
        assert_int_equal(keystore_info(lying_token_store)->emulated,
                         makers[i].emulated);
        keystore_close(&lying_token_store);
    }
}

static void
only_making_and_removing_write(void **state)
{
    struct keystore_config config = lying_token_config();
    const uint8_t id[KEYSTORE_ID_LENGTH] = {7};
    struct keystore_key_info info;
    struct keystore_key *key = NULL;

    (void)state;
    assert_opened(&config);
    assert_err(KS_OK, "", lying_token_import(P_256, id, &key, &cause));
    keystore_key_free(&key);
    assert_int_equal(lying_token_lies->writable_sessions, 1);
    assert_err(KS_OK, "",
               keystore_find(lying_token_store, id, NULL, &key, &cause));
    lying_token_assert_signs(key);
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    keystore_key_free(&key);
    assert_int_equal(lying_token_lies->writable_sessions, 1);
    assert_err(KS_OK, "", keystore_remove(lying_token_store, id, &cause));
    assert_int_equal(lying_token_lies->writable_sessions, 2);
    assert_int_equal(lying_token_lies->logins, 1);
}

#define fresh(test)                                                            \
    cmocka_unit_test_setup_teardown(test, lying_token_make,                    \
                                    lying_token_close_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fresh(module_is_the_one_that_was_chosen),
        fresh(locked_pin_is_not_tried),
        fresh(last_try_is_not_used_up),
        fresh(missing_pin_is_not_tried),
        fresh(wrong_pin_is_tried_once),
        fresh(emulation_never_sees_the_pin_without_consent),
        fresh(other_token_never_sees_the_pin),
        fresh(tokens_without_content_do_not_count),
        fresh(token_that_is_named_by_its_label_counts),
        fresh(given_pin_is_used_whatever_the_token_says),
        fresh(impossible_numbers_of_slots_are_refused),
        fresh(login_that_did_not_happen_is_no_missing_key),
        fresh(slot_that_shows_late_is_found),
        fresh(low_pin_counter_is_no_obstacle),
        fresh(key_pad_is_used_where_there_is_one),
        fresh(token_without_login_is_asked_for_none),
        fresh(emulations_are_known_by_what_they_say),
        fresh(only_making_and_removing_write),
    };

    return lying_token_run(tests);
}
