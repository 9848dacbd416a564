/* SPDX-License-Identifier: Apache-2.0 */
/* TPMs that are not what they were, or whose storage root key is not theirs:
 * refused, and left as they are. */
#include "tests/contract/tpm2_case.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SRK "0x81000001"
#define PASSWORD "owner-9753"
#define STORAGE                                                                \
    "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|"   \
    "decrypt"

/* Opening must fail with WANTED, say SAYS, and change nothing. */
static void
assert_refused(const struct keystore_config *config, enum ks_err wanted,
               const char *says)
{
    static struct tpm2_case_state before;
    struct err_cause cause = {.text = ""};

    tpm2_case_look(&before);
    assert_ks_err(wanted, contract_try(config, &contract.store, &cause));
    assert_null(contract.store);
    if (strstr(cause.text, says) == NULL)
        fail_msg("not \"%s\": %s", says, cause.text);
    tpm2_case_assert_unchanged(&before);
}

/* Register with the TPM: a key under ID, and the serial as it is recorded. */
static void
use_tpm(uint8_t *id, char serial[static KEYSTORE_SERIAL_SIZE])
{
    contract_id(id);
    tpm2_case_open();
    (void)snprintf(serial, KEYSTORE_SERIAL_SIZE, "%s",
                   keystore_info(contract.store)->serial);
    assert_int_equal(strlen(serial), KEYSTORE_SERIAL_SIZE - 1);
    tpm2_case_import(P_256, id);
}

/* Make a key of the owner's and keep it where the storage root key belongs. */
static void
plant(const char *algorithm, const char *attributes, const char *unique)
{
    char context[TPM2_CASE_PATH];

    tpm2_case_path("planted", context);
    if (unique != NULL)
        tpm2_case_tool("createprimary", "-C", "o", "-G", algorithm, "-a",
                       attributes, "-u", unique, "-c", context);
    else
        tpm2_case_tool("createprimary", "-C", "o", "-G", algorithm, "-a",
                       attributes, "-c", context);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", context, SRK);
    tpm2_case_tool("flushcontext", "-t");
}

static void
planted_key_is_refused(void **state)
{
    static const char *const algorithms[] = {
        "ecc256:aes128cfb", "rsa2048:aes128cfb", "ecc384:aes256cfb"};
    struct keystore_config config = tpm2_case_config();

    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        plant(algorithms[i],
              "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|"
              "restricted|decrypt",
              NULL);
        assert_refused(&config, KS_ERR_TPM_SRK, SRK);
        tpm2_case_tool("evictcontrol", "-C", "o", "-c", SRK);
    }
    tpm2_case_provision();
}

/* In place of a key that was in use: also with the owner's password set, when
 * the TPM does not make the true one again. */
static void
planted_key_in_place_of_the_recorded_one_is_refused(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();

    (void)state;
    use_tpm(id, serial);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", SRK);
    plant("ecc256:aes128cfb", STORAGE, NULL);
    config.serial = serial;
    assert_refused(&config, KS_ERR_TPM_SRK, SRK);
    tpm2_case_tool("changeauth", "-c", "owner", PASSWORD);
    assert_refused(&config, KS_ERR_TOKEN_OTHER, "cleared or replaced");
}

static void
write_unique(const char *path, const void *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);

    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(close(fd), 0);
}

/* By the book, and with a password, which is not in a Name. */
static void
root_key_with_a_password_is_not_mistaken_for_a_pin(void **state)
{
    /* tpm2-tools: twice a little-endian size and room for 128 bytes */
    static const uint8_t zeros[2 * (2 + 128)] = {[0] = 32, [2 + 128] = 32};
    static struct tpm2_case_state before;
    char unique[TPM2_CASE_PATH], context[TPM2_CASE_PATH];
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    tpm2_case_path("unique", unique);
    tpm2_case_path("planted", context);
    write_unique(unique, zeros, sizeof zeros);
    tpm2_case_tool("createprimary", "-C", "o", "-G", "ecc256:aes128cfb", "-a",
                   STORAGE, "-u", unique, "-p", "x", "-c", context);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", context, SRK);
    tpm2_case_tool("flushcontext", "-t");
    tpm2_case_look(&before);
    tpm2_case_open();
    assert_ks_err(KS_ERR_TPM_SRK,
                  keystore_import(contract.store, id, "none",
                                  &sample(P_256)->material,
                                  sample(P_256)->public, &key, NULL));
    assert_ks_err(KS_ERR_TPM_SRK, keystore_generate(contract.store, id, "none",
                                                    MATERIAL_P256, &key, NULL));
    keystore_close(&contract.store);
    tpm2_case_assert_unchanged(&before);
}

/* The TCG's RSA template: what other software has put there is as good. */
static void
rsa_key_by_the_book_is_used(void **state)
{
    char unique[TPM2_CASE_PATH];
    uint8_t zeros[2 + 256] = {0x00, 0x01}; /* tpm2-tools: little-endian size */
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    tpm2_case_path("unique", unique);
    write_unique(unique, zeros, sizeof zeros);
    plant("rsa2048:aes128cfb", STORAGE, unique);
    contract_id(id);
    tpm2_case_open();
    assert_false(keystore_info(contract.store)->srk_unverified);
    key = contract_import(RSA_2048, id);
    contract_assert_signs(key, sample(RSA_2048)->public);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    contract_assert_fresh_signs(id, sample(RSA_2048)->public);
    tpm2_case_tool("readpublic", "-c", SRK);
    assert_non_null(strstr(tpm2_case.run.out, "value: rsa\n"));
}

/* What is then left of the key on this disk is of no use to any TPM. */
static void
assert_key_is_lost(const uint8_t *id)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    tpm2_case_open();
    assert_ks_ok(
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER, keystore_describe(key, &info, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER, keystore_sign(key, KEYSTORE_ES256, digest,
                                                  signature, &length, NULL));
    keystore_key_free(&key);
    keystore_close(&contract.store);
}

static void
other_tpm_is_refused(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();

    (void)state;
    use_tpm(id, serial);
    assert_int_equal(swtpm_replace(store_fixture_swtpm(contract.fixture)), 0);
    config.serial = serial;
    assert_refused(&config, KS_ERR_TOKEN_OTHER, "cleared or replaced");
    assert_string_equal(tpm2_case_handles(PERSISTENT), "");
    assert_key_is_lost(id);
}

static void
cleared_tpm_is_refused(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();

    (void)state;
    use_tpm(id, serial);
    tpm2_case_tool("clear");
    config.serial = serial;
    assert_refused(&config, KS_ERR_TOKEN_OTHER, "cleared or replaced");
    assert_string_equal(tpm2_case_handles(PERSISTENT), "");
    assert_key_is_lost(id);
}

/* The key at the handle alone is gone: it is made again, and is the same. */
static void
evicted_key_is_made_again(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();

    (void)state;
    use_tpm(id, serial);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", SRK);
    config.serial = serial;
    assert_ks_ok(contract_open(&config, &contract.store));
    keystore_close(&contract.store);
    contract_assert_fresh_signs(id, sample(P_256)->public);
}

static void
owner_password_forbids_making_the_key(void **state)
{
    struct keystore_config config = tpm2_case_config();

    (void)state;
    tpm2_case_tool("changeauth", "-c", "owner", PASSWORD);
    assert_refused(&config, KS_ERR_TPM_OWNER, SRK);
}

static void
owner_password_leaves_the_key_unverified(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();
    struct keystore_key *key = NULL;

    (void)state;
    use_tpm(id, serial);
    tpm2_case_open();
    assert_false(keystore_info(contract.store)->srk_unverified);
    keystore_close(&contract.store);
    tpm2_case_tool("changeauth", "-c", "owner", PASSWORD);
    config.serial = serial;
    assert_ks_ok(contract_open(&config, &contract.store));
    assert_true(keystore_info(contract.store)->srk_unverified);
    assert_string_equal(keystore_info(contract.store)->serial, serial);
    assert_ks_ok(
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    contract_id(id);
    tpm2_case_import(RSA_2048, id);
    contract_assert_fresh_signs(id, sample(RSA_2048)->public);
}

int
contract_tpm2_srk(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(planted_key_is_refused),
        TPM2_CASE(planted_key_in_place_of_the_recorded_one_is_refused),
        TPM2_CASE(root_key_with_a_password_is_not_mistaken_for_a_pin),
        TPM2_CASE(other_tpm_is_refused),
        TPM2_CASE(cleared_tpm_is_refused),
        TPM2_CASE(owner_password_forbids_making_the_key),
        TPM2_CASE(owner_password_leaves_the_key_unverified),
        TPM2_CASE(rsa_key_by_the_book_is_used),
        TPM2_CASE(evicted_key_is_made_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
