/* SPDX-License-Identifier: Apache-2.0 */
/* Root keys that are not at 0x81000001: because another's key stands there, or
 * because the URI says so. */
#include "tests/contract/tpm2/case.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#define PARENT_HANDLE "0x81000002"
#define PARENT_OWNER "0x40000001"
#define WORDS_MAX 4096

/* What tpm2-tools make when nobody says more, and others like it. */
static const char *const algorithms[] = {
    "ecc256:aes128cfb", "rsa2048:aes128cfb", "ecc384:aes256cfb"};
#define ALGORITHMS (sizeof algorithms / sizeof algorithms[0])

#define OF_TPM2_TOOLS                                                          \
    "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|decrypt"

/* Its Name, in the tool's words. */
static void
read_planted(char ret[static WORDS_MAX])
{
    tpm2_case_tool("readpublic", "-c", TPM2_CASE_SRK);
    assert_true(snprintf(ret, WORDS_MAX, "%s", tpm2_case.run.out) < WORDS_MAX);
}

static void
use(const struct keystore_config *config, const uint8_t *id)
{
    struct keystore_key *key = NULL;

    assert_ks_ok(contract_open(config, &contract.store));
    assert_ks_ok(
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    keystore_close(&contract.store);
}

/* Import by CONFIG; the serial as it is recorded, and the parent that key files
 * name. */
static void
import(const struct keystore_config *config, const uint8_t *id,
       const char *parent, char serial[static KEYSTORE_SERIAL_SIZE])
{
    assert_ks_ok(contract_open(config, &contract.store));
    assert_string_equal(keystore_info(contract.store)->root, parent);
    assert_false(keystore_info(contract.store)->srk_unverified);
    (void)snprintf(serial, KEYSTORE_SERIAL_SIZE, "%s",
                   keystore_info(contract.store)->serial);
    tpm2_case_import(P_256, id);
}

static void
another_programs_key_is_left_and_not_used(void **state)
{
    char planted[WORDS_MAX], still[WORDS_MAX];

    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        struct keystore_config config = tpm2_case_config();
        char serial[KEYSTORE_SERIAL_SIZE];
        uint8_t id[KEYSTORE_ID_LENGTH];

        contract_id(id);
        tpm2_case_plant(algorithms[i], OF_TPM2_TOOLS, NULL);
        read_planted(planted);
        import(&config, id, PARENT_OWNER, serial);
        config.serial = serial;
        use(&config, id);
        tpm2_case_assert_openssl_signs(id, sample(P_256)->public);
        assert_string_equal(tpm2_case_handles(TRANSIENT), "");
        assert_string_equal(tpm2_case_handles(PERSISTENT),
                            "- " TPM2_CASE_SRK "\n");
        read_planted(still);
        assert_string_equal(still, planted);
        tpm2_case_tool("evictcontrol", "-C", "o", "-c", TPM2_CASE_SRK);
        use(&config, id); /* also when that key is gone */
        assert_string_equal(tpm2_case_handles(PERSISTENT), "");
        assert_ks_ok(contract_open(&config, &contract.store));
        assert_ks_ok(keystore_remove(contract.store, id, NULL));
        keystore_close(&contract.store);
    }
}

/* In place of the one that was in use: the TPM makes that again. */
static void
recorded_key_is_made_again_where_another_stands(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();
    char planted[WORDS_MAX], still[WORDS_MAX];

    (void)state;
    tpm2_case_use(id, serial);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", TPM2_CASE_SRK);
    tpm2_case_plant("ecc256:aes128cfb", TPM2_CASE_STORAGE, NULL);
    read_planted(planted);
    config.serial = serial;
    use(&config, id);
    read_planted(still);
    assert_string_equal(still, planted);
    tpm2_case_tool("changeauth", "-c", "owner", TPM2_CASE_PASSWORD);
    tpm2_case_assert_refused(&config, KS_ERR_TOKEN_OTHER,
                             "cleared or replaced");
}

static void
handle_of_the_uri_is_used(void **state)
{
    struct keystore_config config = tpm2_case_option(";root=" PARENT_HANDLE);
    char serial[KEYSTORE_SERIAL_SIZE];
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    contract_id(id);
    tpm2_case_plant("rsa2048:aes128cfb", OF_TPM2_TOOLS, NULL);
    import(&config, id, PARENT_HANDLE, serial);
    assert_string_equal(tpm2_case_handles(PERSISTENT),
                        "- " TPM2_CASE_SRK "\n- " PARENT_HANDLE "\n");
    config.serial = serial;
    use(&config, id);
    tpm2_case_assert_openssl_signs(id, sample(P_256)->public);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
}

/* Who names a handle wants that one. */
static void
another_programs_key_at_the_uris_handle_is_refused(void **state)
{
    struct keystore_config config = tpm2_case_option(";root=" TPM2_CASE_SRK);

    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        tpm2_case_plant(algorithms[i], OF_TPM2_TOOLS, NULL);
        tpm2_case_assert_refused(&config, KS_ERR_TPM_SRK, TPM2_CASE_SRK);
        tpm2_case_tool("evictcontrol", "-C", "o", "-c", TPM2_CASE_SRK);
    }
}

static void
nothing_is_persistent_where_the_uri_says_so(void **state)
{
    struct keystore_config config = tpm2_case_option(";root=transient");
    char serial[KEYSTORE_SERIAL_SIZE];
    uint8_t id[KEYSTORE_ID_LENGTH], born[KEYSTORE_ID_LENGTH];
    EVP_PKEY *public;

    (void)state;
    contract_id(id);
    contract_id(born);
    import(&config, id, PARENT_OWNER, serial);
    config.serial = serial;
    use(&config, id);
    assert_ks_ok(contract_open(&config, &contract.store));
    public = tpm2_case_generate(MATERIAL_P256, born);
    tpm2_case_assert_openssl_signs(id, sample(P_256)->public);
    tpm2_case_assert_openssl_signs(born, public);
    EVP_PKEY_free(public);
    assert_string_equal(tpm2_case_handles(PERSISTENT), "");
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
}

/* With two keys the TPM's three slots are full. */
static void
two_keys_sign_in_turn_under_a_transient_root(void **state)
{
    struct keystore_config config = tpm2_case_option(";root=transient");
    uint8_t ids[3][KEYSTORE_ID_LENGTH];
    struct keystore_key *keys[3] = {NULL};

    (void)state;
    assert_ks_ok(contract_open(&config, &contract.store));
    for (size_t i = 0; i < 3; i++) {
        contract_id(ids[i]);
        keys[i] = contract_import(P_256, ids[i]);
    }
    for (size_t i = 0; i < 6; i++)
        contract_assert_signs(keys[i % 3], sample(P_256)->public);
    for (size_t i = 0; i < 3; i++)
        keystore_key_free(&keys[i]);
    keystore_close(&contract.store);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
}

/* Take all slots of the TPM with a root key and KEYS keys under IDS, and die.
 */
static void
die_with_full_slots(size_t keys, uint8_t ids[][KEYSTORE_ID_LENGTH])
{
    struct keystore_config config = tpm2_case_option(";root=transient");
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        if (contract_try(&config, &contract.store, NULL) == KS_OK)
            for (size_t i = 0; i < keys; i++)
                (void)contract_import(P_256, ids[i]);
        (void)raise(SIGKILL);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* No slot is left for the root key, by which the dead one's copy is known, and
 * none is taken from another program. */
static void
slots_of_a_killed_process_are_given_back(void **state)
{
    struct keystore_config config = tpm2_case_option(";root=transient");

    (void)state;
    for (size_t others = 0; others < 2; others++) {
        uint8_t ids[2][KEYSTORE_ID_LENGTH];

        for (size_t i = 0; i < 2; i++)
            contract_id(ids[i]);
        if (others == 1)
            tpm2_tool_create_primary(&tpm2_case.run, tpm2_case_swtpm(),
                                     store_fixture_directory(contract.fixture));
        die_with_full_slots(2 - others, ids);
        assert_string_equal(tpm2_case_handles(TRANSIENT),
                            "- 0x80000000\n- 0x80000001\n- 0x80000002\n");
        for (size_t i = 0; i < 2 - others; i++)
            use(&config, ids[i]);
        assert_string_equal(tpm2_case_handles(TRANSIENT),
                            others == 0 ? "" : "- 0x80000000\n");
    }
}

/* The service of the TPM is restarted: what was in its slots is gone. */
static void
transient_root_is_made_again_after_a_restart(void **state)
{
    struct keystore_config config = tpm2_case_option(";root=transient");
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    assert_ks_ok(contract_open(&config, &contract.store));
    key = contract_import(P_256, id);
    tap_inject(
        tpm2_case.tap,
        &(struct tap_fault){.action = TAP_CUT, .code = CC_SIGN, .nth = 1});
    contract_assert_signs(key, sample(P_256)->public);
    assert_int_equal(tap_struck(tpm2_case.tap), 1);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
}

static void
cleared_tpm_is_refused_with_a_transient_root(void **state)
{
    struct keystore_config config = tpm2_case_option(";root=transient");
    char serial[KEYSTORE_SERIAL_SIZE];
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    contract_id(id);
    import(&config, id, PARENT_OWNER, serial);
    config.serial = serial;
    tpm2_case_tool("changeauth", "-c", "owner", TPM2_CASE_PASSWORD);
    tpm2_case_assert_refused(&config, KS_ERR_TPM_OWNER, "at each opening");
    tpm2_case_tool("clear");
    tpm2_case_assert_refused(&config, KS_ERR_TOKEN_OTHER,
                             "cleared or replaced");
}

int
contract_tpm2_root(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(another_programs_key_is_left_and_not_used),
        TPM2_CASE(recorded_key_is_made_again_where_another_stands),
        TPM2_CASE(handle_of_the_uri_is_used),
        TPM2_CASE(another_programs_key_at_the_uris_handle_is_refused),
        TPM2_CASE(nothing_is_persistent_where_the_uri_says_so),
        TPM2_CASE(two_keys_sign_in_turn_under_a_transient_root),
        TPM2_CASE(slots_of_a_killed_process_are_given_back),
        TPM2_CASE(transient_root_is_made_again_after_a_restart),
        TPM2_CASE(cleared_tpm_is_refused_with_a_transient_root),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
