/* SPDX-License-Identifier: Apache-2.0 */
/* The user's PIN, and a TPM that counts refused ones and then locks. */
#include "tests/contract/tpm2/case.h"
#include "tests/contract/tpm2/direct.h"

#include <string.h>

#include <openssl/evp.h>

#define PIN "sesame-1357"
#define WRONG "sesame-7531"

static enum ks_err
open_with(const char *text, struct err_cause *cause)
{
    struct keystore_config config = tpm2_case_config();
    struct secret *pin = store_fixture_secret(text);
    enum ks_err rc;

    config.pin = pin;
    rc = contract_try(&config, &contract.store, cause);
    secret_free(&pin);
    return rc;
}

static uint32_t
ask(uint32_t (*what)(struct tpm2_direct *direct))
{
    struct tpm2_direct *direct = tpm2_direct_open(tpm2_case_swtpm());
    uint32_t answer = what(direct);

    tpm2_direct_close(&direct);
    return answer;
}

/* A key that only the PIN opens. */
static void
import_with_pin(enum sample_name name, const uint8_t *id)
{
    assert_ks_ok(open_with(PIN, NULL));
    tpm2_case_import(name, id);
    assert_true(tpm2_case_has_file(id, "pem"));
    assert_false(tpm2_case_has_file(id, "auth"));
}

static void
sign(const uint8_t *id, enum sample_name name)
{
    struct keystore_key *key = NULL;

    assert_ks_ok(
        keystore_find(contract.store, id, sample(name)->public, &key, NULL));
    contract_assert_signs(key, sample(name)->public);
    keystore_key_free(&key);
}

static void
pin_opens_keys_that_count(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;
    char handle[TPM2_CASE_HANDLE];

    (void)state;
    contract_id(id);
    import_with_pin(RSA_2048, id);
    assert_ks_ok(open_with(PIN, NULL));
    sign(id, RSA_2048);
    assert_ks_ok(keystore_find(contract.store, id, NULL, &key, NULL));
    contract_assert_signs(key, sample(RSA_2048)->public);
    tpm2_case_get_loaded(handle);
    tpm2_case_tool("readpublic", "-c", handle);
    assert_non_null(strstr(tpm2_case.run.out, "value: userwithauth|sign\n"));
    keystore_key_free(&key);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    assert_int_equal(ask(tpm2_direct_failures), 0);
}

static void
key_with_a_pin_wants_it(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    import_with_pin(P_256, id);
    tpm2_case_open();
    assert_ks_err(KS_ERR_PIN_NEEDED,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    assert_null(key);
    assert_int_equal(ask(tpm2_direct_failures), 0);
}

static void
unusable_pin_is_refused_without_a_try(void **state)
{
    static const char *const pins[] = {"", "123456789012345678901234567890123"};
    static const enum ks_err wanted[] = {KS_ERR_PIN_NEEDED, KS_ERR_PIN_WRONG};
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    contract_id(id);
    import_with_pin(P_256, id);
    tap_reset(tpm2_case.tap);
    for (size_t i = 0; i < 2; i++) {
        assert_ks_err(wanted[i], open_with(pins[i], NULL));
        assert_null(contract.store);
    }
    assert_int_equal(tap_count(tpm2_case.tap, CC_SIGN), 0);
    assert_int_equal(ask(tpm2_direct_failures), 0);
}

/* Once for each opening, and none where one more would lock. */
static void
wrong_pin_is_tried_once(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct err_cause cause = {.text = ""};
    uint32_t max = ask(tpm2_direct_failures_max);

    (void)state;
    contract_id(id);
    import_with_pin(P_256, id);
    assert_int_equal(max, 3);
    for (uint32_t i = 1; i < max; i++) {
        tap_reset(tpm2_case.tap);
        assert_ks_err(KS_ERR_PIN_WRONG, open_with(WRONG, &cause));
        assert_null(contract.store);
        assert_int_equal(tap_count(tpm2_case.tap, CC_SIGN), 1);
        assert_int_equal(ask(tpm2_direct_failures), i);
    }
    tap_reset(tpm2_case.tap);
    assert_ks_err(KS_ERR_PIN_LOCKED, open_with(WRONG, &cause));
    assert_ks_err(KS_ERR_PIN_LOCKED, open_with(PIN, &cause));
    assert_non_null(strstr(cause.text, "1000 s"));
    assert_int_equal(tap_count(tpm2_case.tap, CC_SIGN), 0);
    assert_int_equal(ask(tpm2_direct_failures), max - 1);
    tpm2_case_tool("dictionarylockout", "--clear-lockout");
    assert_ks_ok(open_with(PIN, &cause));
    sign(id, P_256);
}

/* Half open it would be without the PIN, and without its directory. */
static void
connection_that_breaks_before_the_pin_opens_nothing(void **state)
{
    (void)state;
    tpm2_case_provision();
    tap_inject(tpm2_case.tap, &(struct tap_fault){.action = TAP_CUT,
                                                  .code = CC_GET_CAPABILITY,
                                                  .nth = 2});
    assert_ks_err(KS_ERR_TOKEN_FAILED, open_with(PIN, NULL));
    assert_null(contract.store);
    assert_int_equal(tap_struck(tpm2_case.tap), 1);
    assert_ks_ok(open_with(PIN, NULL));
}

static void
locked_tpm_keeps_the_pin_out(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct err_cause cause = {.text = ""};

    (void)state;
    contract_id(id);
    import_with_pin(P_256, id);
    tpm2_case_lock();
    tap_reset(tpm2_case.tap);
    assert_ks_err(KS_ERR_PIN_LOCKED, open_with(PIN, &cause));
    assert_null(contract.store);
    assert_non_null(strstr(cause.text, "lockout"));
    assert_non_null(strstr(cause.text, "1000 s"));
    assert_int_equal(tap_count(tpm2_case.tap, CC_SIGN), 0);
}

/* Machine-made values do not count and are not locked out. */
static void
locked_tpm_signs_with_keys_without_a_pin(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH], born[KEYSTORE_ID_LENGTH];
    EVP_PKEY *public;

    (void)state;
    contract_id(id);
    contract_id(born);
    tpm2_case_provision();
    tpm2_case_lock();
    tpm2_case_open();
    tpm2_case_import(RSA_2048, id);
    tpm2_case_open();
    public = tpm2_case_generate(MATERIAL_P256, born);
    contract_assert_fresh_signs(id, sample(RSA_2048)->public);
    contract_assert_fresh_signs(born, public);
    EVP_PKEY_free(public);
}

int
contract_tpm2_pin(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(key_with_a_pin_wants_it),
        TPM2_CASE(unusable_pin_is_refused_without_a_try),
        TPM2_CASE(wrong_pin_is_tried_once),
        TPM2_CASE(connection_that_breaks_before_the_pin_opens_nothing),
        TPM2_CASE(locked_tpm_keeps_the_pin_out),
        TPM2_CASE(locked_tpm_signs_with_keys_without_a_pin),
        TPM2_CASE(pin_opens_keys_that_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
