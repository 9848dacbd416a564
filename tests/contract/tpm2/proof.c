/* SPDX-License-Identifier: Apache-2.0 */
/* What the TPM itself says of Holdfast's keys, when others ask it. */
#include "tests/contract/tpm2/case.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define IMPORTED "value: userwithauth|noda|sign\n"
#define BORN                                                                   \
    "value: fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign\n"

static void
assert_attributes(const char *wanted)
{
    char handle[TPM2_CASE_HANDLE];

    tpm2_case_get_loaded(handle);
    tpm2_case_tool("readpublic", "-c", handle);
    assert_non_null(strstr(tpm2_case.run.out, "value: sha256\n"));
    if (strstr(tpm2_case.run.out, wanted) == NULL)
        fail_msg("no \"%s\" in\n%s", wanted, tpm2_case.run.out);
    assert_null(strstr(tpm2_case.run.out, "authorization policy"));
}

static void
imported_key_can_only_sign(void **state)
{
    static const enum sample_name names[] = {RSA_2048, RSA_3072, P_256, P_384};

    (void)state;
    tpm2_case_open();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint8_t id[KEYSTORE_ID_LENGTH];
        struct keystore_key *key = NULL;

        contract_id(id);
        key = contract_import(names[i], id);
        assert_attributes(IMPORTED);
        keystore_key_free(&key);
    }
}

static void
born_key_is_the_tpms_own(void **state)
{
    static const enum material_type types[] = {MATERIAL_RSA, MATERIAL_P256,
                                               MATERIAL_P384};

    (void)state;
    tpm2_case_open();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint8_t id[KEYSTORE_ID_LENGTH];
        struct keystore_key *key = NULL;

        contract_id(id);
        assert_ks_ok(keystore_generate(contract.store, id, "born", types[i],
                                       &key, NULL));
        assert_attributes(BORN);
        keystore_key_free(&key);
    }
}

/* As "hex:..." for tpm2-tools. */
static void
read_auth(const uint8_t *id, char *ret, size_t size)
{
    char path[TPM2_CASE_PATH];
    uint8_t bytes[32];
    FILE *file;
    size_t length;
    size_t end = (size_t)snprintf(ret, size, "hex:");

    tpm2_case_key_path(id, "auth", path);
    file = fopen(path, "re");
    assert_non_null(file);
    length = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(length, sizeof bytes);
    for (size_t i = 0; i < length; i++)
        end += (size_t)snprintf(ret + end, size - end, "%02x", bytes[i]);
}

/* TPM2_Duplicate with AUTH must reach the TPM, and be refused there with RC. */
static void
assert_stays(const char *handle, const char *auth, const char *rc)
{
    const char *tap = tap_socket(tpm2_case.tap);
    char private[TPM2_CASE_PATH], seed[TPM2_CASE_PATH];

    tpm2_case_path("duplicate.private", private);
    tpm2_case_path("duplicate.seed", seed);
    tap_reset(tpm2_case.tap);
    tpm2_tool(&tpm2_case.run, tap, "duplicate", "-C", "null", "-c", handle,
              "-G", "null", "-p", auth, "-r", private, "-s", seed, NULL);
    assert_int_not_equal(tpm2_case.run.status, 0);
    if (strstr(tpm2_case.run.err, rc) == NULL)
        fail_msg("not %s: %s", rc, tpm2_case.run.err);
    assert_int_equal(tap_count(tpm2_case.tap, CC_DUPLICATE), 1);
}

static void
assert_is_not_duplicated(const uint8_t *id)
{
    char handle[TPM2_CASE_HANDLE], auth[80];
    char session[TPM2_CASE_PATH], policy[TPM2_CASE_PATH + 16];

    tpm2_case_get_loaded(handle);
    read_auth(id, auth, sizeof auth);
    assert_stays(handle, auth, "0x124");
    tpm2_case_path("session", session);
    (void)snprintf(policy, sizeof policy, "session:%s", session);
    tpm2_case_tool("startauthsession", "--policy-session", "-S", session);
    tpm2_case_tool("policycommandcode", "-S", session, "TPM2_CC_Duplicate");
    assert_stays(handle, policy, "0x99D");
    tpm2_case_tool("flushcontext", session);
}

/* Who knows its value, too, gets no copy of it for another TPM. */
static void
key_is_not_duplicated(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    tpm2_case_open();
    contract_id(id);
    key = contract_import(RSA_2048, id);
    assert_is_not_duplicated(id);
    keystore_key_free(&key);
    contract_id(id);
    assert_ks_ok(keystore_generate(contract.store, id, "born", MATERIAL_P256,
                                   &key, NULL));
    assert_is_not_duplicated(id);
    contract_assert_signs(key, keystore_key_public(key));
    keystore_key_free(&key);
}

static int
contract_tpm2_attributes(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(key_is_not_duplicated),
        TPM2_CASE(imported_key_can_only_sign),
        TPM2_CASE(born_key_is_the_tpms_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int
contract_tpm2_proof(void)
{
    return contract_tpm2_srk() + contract_tpm2_root() + contract_tpm2_other() +
           contract_tpm2_refusals() + contract_tpm2_pin() +
           contract_tpm2_handle() + contract_tpm2_reconnect() +
           contract_tpm2_evidence() + contract_tpm2_endorsement() +
           contract_tpm2_endorsements() + contract_tpm2_challenge() +
           contract_tpm2_attributes() + contract_tpm2_foreign() +
           contract_tpm2_bus();
}

/* These take their time, beside the others and each other. */
int
contract_tpm2_part(const char *name)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } parts[] = {{"killed", contract_tpm2_killed},
                 {"cut", contract_tpm2_cut},
                 {"failed", contract_tpm2_failed}};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strcmp(parts[i].name, name) == 0)
            return parts[i].run();
    print_error("no such part: %s\n", name);
    return 1;
}
