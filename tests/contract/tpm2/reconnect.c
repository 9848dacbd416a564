/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that break in the midst of something, when the next one is not to
 * be had at once: an error, then as before. */
#include "tests/contract/tpm2/case.h"

#include <stdio.h>

#include <openssl/evp.h>

#define HANDLE "0x81000200"
#define PIN "sesame-1357"

static enum ks_err
sign(struct keystore_key *key)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;

    return keystore_sign(key, KEYSTORE_ES256, digest, &signature, NULL);
}

/* Its service is away for a while. */
static void
store_recovers_when_the_tpm_is_back(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char away[TPM2_CASE_PATH];
    struct keystore_key *key;

    (void)state;
    contract_id(id);
    tpm2_case_open();
    key = contract_import(P_256, id);
    tpm2_case_path("away", away);
    assert_int_equal(rename(tap_socket(tpm2_case.tap), away), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_ks_err(KS_ERR_TOKEN_MISSING, sign(key));
    assert_int_equal(rename(away, tap_socket(tpm2_case.tap)), 0);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
}

/* A key that the TPM keeps needs no parent to sign: without its root key a
 * store would start a session that keeps the PIN from nobody who listens. */
static void
nothing_is_signed_without_the_root_key(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char uri[TPM2_CASE_PATH + 32];
    struct keystore_config config = tpm2_case_config();
    struct secret *pin = store_fixture_secret(PIN);
    struct keystore_key *key;

    (void)state;
    contract_id(id);
    (void)snprintf(uri, sizeof uri, "%s;handle=" HANDLE, tpm2_case.uri);
    config.uri = uri;
    config.pin = pin;
    assert_ks_ok(contract_open(&config, &contract.store));
    secret_free(&pin);
    key = contract_import(P_256, id);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", TPM2_CASE_SRK);
    tpm2_case_tool("changeauth", "-c", "owner", TPM2_CASE_PASSWORD);
    tap_inject(
        tpm2_case.tap,
        &(struct tap_fault){.action = TAP_CUT, .code = CC_SIGN, .nth = 1});
    assert_ks_err(KS_ERR_TPM_OWNER, sign(key));
    assert_int_equal(tap_struck(tpm2_case.tap), 1);
    tap_reset(tpm2_case.tap);
    assert_ks_err(KS_ERR_TPM_OWNER, sign(key));
    assert_int_equal(tap_count(tpm2_case.tap, CC_START_AUTH_SESSION), 0);
    assert_int_equal(tap_count(tpm2_case.tap, CC_SIGN), 0);
    tpm2_case_tool("changeauth", "-c", "owner", "-p", TPM2_CASE_PASSWORD);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
}

int
contract_tpm2_reconnect(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(store_recovers_when_the_tpm_is_back),
        TPM2_CASE(nothing_is_signed_without_the_root_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
