/* SPDX-License-Identifier: Apache-2.0 */
/* Which stores open, and which PIN they are shown. */
#include "tests/contract/contract.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* Refused as WANTED, with a cause that repeats no PIN, and nothing opened. */
static void
assert_not_opened(const struct keystore_config *config, enum ks_err wanted)
{
    const char *pin = store_fixture_pin(contract.row->kind);
    struct err_cause cause = {.text = ""};
    struct keystore *store = NULL;

    assert_ks_err(wanted, contract_try(config, &store, &cause));
    assert_null(store);
    assert_true(strlen(cause.text) > 0);
    if (pin != NULL)
        assert_null(strstr(cause.text, pin));
}

static void
unknown_scheme_is_refused(void **state)
{
    static const char *const uris[] = {"",     ":",     "nonsense:token=a",
                                       "/tmp", "SOFT:", "PKCS11:token=a"};
    struct keystore_config config = contract_config();

    (void)state;
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        config.uri = uris[i];
        assert_not_opened(&config, KS_ERR_TOKEN_URI);
    }
}

static void
malformed_uri_is_refused(void **state)
{
    static const char *const parts[] = {"nonsense", "../keys", "%"};
    struct keystore_config config = contract_config();
    char uri[32];

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        (void)snprintf(uri, sizeof uri, "%s:%s", contract.row->scheme,
                       parts[i]);
        config.uri = uri;
        assert_not_opened(&config, KS_ERR_TOKEN_URI);
    }
}

static void
overlong_uri_is_refused(void **state)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;
    char uri[10000];
    enum ks_err rc;

    (void)state;
    memset(uri, 'a', sizeof uri);
    (void)snprintf(uri, sizeof uri, "%s",
                   store_fixture_missing_uri(contract.fixture));
    uri[strlen(uri)] = 'a';
    uri[sizeof uri - 1] = '\0';
    config.uri = uri;
    rc = contract_try(&config, &store, NULL);
    assert_true(rc == KS_ERR_TOKEN_URI || rc == KS_ERR_TOKEN_MISSING);
    assert_null(store);
}

static void
missing_store_is_reported(void **state)
{
    struct keystore_config config = contract_config();

    (void)state;
    config.uri = store_fixture_missing_uri(contract.fixture);
    assert_not_opened(&config, KS_ERR_TOKEN_MISSING);
}

/* Said first of all: whatever the PIN, it is not even looked at. */
static void
emulation_needs_consent(void **state)
{
    struct keystore_config config = contract_config();
    struct secret *wrong = store_fixture_secret("not-the-pin");

    (void)state;
    assert_non_null(wrong);
    config.allow_emulation = false;
    assert_not_opened(&config, KS_ERR_TOKEN_EMULATED);
    config.pin = wrong;
    assert_not_opened(&config, KS_ERR_TOKEN_EMULATED);
    config.pin = NULL;
    assert_not_opened(&config, KS_ERR_TOKEN_EMULATED);
    secret_free(&wrong);
}

static void
other_serial_is_refused(void **state)
{
    static const char *const serials[] = {
        "", "0", "ffffffffffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
    struct keystore_config config = contract_config();

    (void)state;
    for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
        config.serial = serials[i];
        assert_not_opened(&config, KS_ERR_TOKEN_OTHER);
    }
}

static void
missing_pin_is_asked_for(void **state)
{
    struct keystore_config config = contract_config();
    struct secret *empty = store_fixture_secret("");

    (void)state;
    assert_non_null(empty);
    config.pin = NULL;
    assert_not_opened(&config, KS_ERR_PIN_NEEDED);
    config.pin = empty;
    assert_not_opened(&config, KS_ERR_PIN_NEEDED);
    secret_free(&empty);
}

static void
wrong_pin_is_refused_and_harms_nothing(void **state)
{
    const char *right = store_fixture_pin(contract.row->kind);
    char more[64];
    char less[64];
    char overlong[1000];
    const char *const pins[] = {"not-the-pin", more, less, overlong};
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;

    (void)state;
    (void)snprintf(more, sizeof more, "%s\n", right);
    (void)snprintf(less, sizeof less, "%.*s", (int)strlen(right) - 1, right);
    memset(overlong, '1', sizeof overlong - 1);
    overlong[sizeof overlong - 1] = '\0';
    for (size_t i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        struct secret *wrong = store_fixture_secret(pins[i]);

        assert_non_null(wrong);
        config.pin = wrong;
        assert_not_opened(&config, KS_ERR_PIN_WRONG);
        secret_free(&wrong);
    }
    config.pin = contract.pin;
    assert_ks_ok(contract_open(&config, &store));
    keystore_close(&store);
    assert_null(store);
}

static size_t
count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        count++;
    assert_int_equal(closedir(directory), 0);
    return count;
}

/* Opened or refused, a store leaves no descriptor behind. */
static void
descriptors_are_closed(void **state)
{
    struct keystore_config refused = contract_config();
    struct keystore_config good = contract_config();
    struct keystore *store = NULL;
    size_t before = 0;

    (void)state;
    refused.serial = "ffffffffffffffff";
    for (unsigned i = 0; i < 5; i++) {
        assert_not_opened(&refused, KS_ERR_TOKEN_OTHER);
        assert_ks_ok(contract_open(&good, &store));
        keystore_close(&store);
        if (i == 0)
            before = count_descriptors(); /* libraries have theirs by now */
    }
    assert_int_equal(count_descriptors(), before);
}

static void
store_says_what_it_is(void **state)
{
    const struct keystore_info *info = keystore_info(contract.store);
    struct keystore_config config = contract_config();
    char serial[sizeof info->serial];

    (void)state;
    assert_string_equal(info->kind->scheme, contract.row->scheme);
    assert_int_equal(info->emulated, contract.row->emulated);
    assert_true(strlen(info->label) > 0);
    assert_true(strlen(info->maker) > 0);
    assert_true(strlen(info->serial) > 0);
    memcpy(serial, info->serial, sizeof serial);

    /* Its serial number stays, and may be insisted on. */
    keystore_close(&contract.store);
    config.serial = serial;
    assert_ks_ok(contract_open(&config, &contract.store));
    assert_string_equal(keystore_info(contract.store)->serial, serial);
}

/* Two of one name: asked for by name alone neither is taken, not even with the
 * right serial number to check against; in the URI the number decides. */
static void
ambiguous_name_is_refused(void **state)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;
    char serial[sizeof((struct keystore_info *)NULL)->serial];
    char uri[512];
    size_t name;

    (void)state;
    assert_ks_ok(contract_open(&config, &store));
    memcpy(serial, keystore_info(store)->serial, sizeof serial);
    keystore_close(&store);
    assert_int_equal(store_fixture_add_twin(contract.fixture), 0);
    assert_not_opened(&config, KS_ERR_TOKEN_AMBIGUOUS);
    config.serial = serial;
    assert_not_opened(&config, KS_ERR_TOKEN_AMBIGUOUS);

    name = strcspn(config.uri, "?");
    (void)snprintf(uri, sizeof uri, "%.*s;serial=%s%s", (int)name, config.uri,
                   serial, config.uri + name);
    config.uri = uri;
    config.serial = NULL;
    assert_ks_ok(contract_open(&config, &store));
    assert_string_equal(keystore_info(store)->serial, serial);
    keystore_close(&store);
}

int
contract_opening(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(unknown_scheme_is_refused),
        cmocka_unit_test(malformed_uri_is_refused),
        cmocka_unit_test(overlong_uri_is_refused),
        cmocka_unit_test(missing_store_is_reported),
        cmocka_unit_test(other_serial_is_refused),
        cmocka_unit_test(descriptors_are_closed),
        cmocka_unit_test_setup_teardown(
            store_says_what_it_is, contract_open_store, contract_close_store),
    };
    const struct CMUnitTest emulated[] = {
        cmocka_unit_test(emulation_needs_consent),
    };
    const struct CMUnitTest with_pin[] = {
        cmocka_unit_test(missing_pin_is_asked_for),
        cmocka_unit_test(wrong_pin_is_refused_and_harms_nothing),
    };
    const struct CMUnitTest with_names[] = {
        cmocka_unit_test(ambiguous_name_is_refused),
    };
    int failed = cmocka_run_group_tests(all, contract_make_store,
                                        contract_remove_store);

    if (contract.row->emulated)
        failed += cmocka_run_group_tests(emulated, contract_make_store,
                                         contract_remove_store);
    if (contract.pin != NULL)
        failed += cmocka_run_group_tests(with_pin, contract_make_store,
                                         contract_remove_store);
    if (contract.row->named)
        failed += cmocka_run_group_tests(with_names, contract_make_store,
                                         contract_remove_store);
    return failed;
}
