/* SPDX-License-Identifier: Apache-2.0 */
/* Storage root keys that are not the TPM's own are not used, and the TPM is
 * left as it is. */
#include "tests/contract/tpm2/case.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
                   TPM2_CASE_STORAGE, "-u", unique, "-p", "x", "-c", context);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", context, TPM2_CASE_SRK);
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

/* With the TCG's RSA template. */
static void
plant_rsa_by_the_book(void)
{
    char unique[TPM2_CASE_PATH];
    uint8_t zeros[2 + 256] = {0x00, 0x01}; /* tpm2-tools: little-endian size */

    tpm2_case_path("unique", unique);
    write_unique(unique, zeros, sizeof zeros);
    tpm2_case_plant("rsa2048:aes128cfb", TPM2_CASE_STORAGE, unique);
}

/* What other software has put there is as good. */
static void
rsa_key_by_the_book_is_used(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    plant_rsa_by_the_book();
    contract_id(id);
    tpm2_case_open();
    assert_false(keystore_info(contract.store)->srk_unverified);
    key = contract_import(RSA_2048, id);
    contract_assert_signs(key, sample(RSA_2048)->public);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    contract_assert_fresh_signs(id, sample(RSA_2048)->public);
    tpm2_case_tool("readpublic", "-c", TPM2_CASE_SRK);
    assert_non_null(strstr(tpm2_case.run.out, "value: rsa\n"));
}

/* With all but what no key from outside can have: that the TPM made it. */
static void
key_from_outside_is_not_believed(void **state)
{
    struct keystore_config config = tpm2_case_config();
    char parent[TPM2_CASE_PATH], public[TPM2_CASE_PATH];
    char private[TPM2_CASE_PATH], context[TPM2_CASE_PATH];

    (void)state;
    tpm2_case_path("parent", parent);
    tpm2_case_path("public", public);
    tpm2_case_path("private", private);
    tpm2_case_path("context", context);
    tpm2_case_tool("createprimary", "-C", "o", "-c", parent);
    tpm2_case_tool("create", "-C", parent, "-G", "ecc256:aes128cfb", "-a",
                   "sensitivedataorigin|userwithauth|noda|restricted|decrypt",
                   "-u", public, "-r", private);
    tpm2_case_tool("flushcontext", "-t");
    tpm2_case_tool("load", "-C", parent, "-u", public, "-r", private, "-c",
                   context);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", context, TPM2_CASE_SRK);
    tpm2_case_tool("flushcontext", "-t");
    tpm2_case_tool("changeauth", "-c", "owner", TPM2_CASE_PASSWORD);
    tpm2_case_assert_refused(&config, KS_ERR_TPM_OWNER,
                             "not of a standard template");
}

/* Have the bus answer the NTH look at a public area with that of another
 * storage key, whose private half somebody else might have. */
static void
forge(const char *algorithm, unsigned nth)
{
    struct tap_fault fault = {
        .action = TAP_FORGE, .code = CC_READ_PUBLIC, .nth = nth};
    char context[TPM2_CASE_PATH], area[TPM2_CASE_PATH];
    ssize_t length;
    int fd;

    tpm2_case_path("other", context);
    tpm2_case_path("area", area);
    tpm2_case_tool("createprimary", "-C", "o", "-G", algorithm, "-a",
                   TPM2_CASE_STORAGE, "-c", context);
    tpm2_case_tool("readpublic", "-c", context, "-o", area);
    tpm2_case_tool("flushcontext", "-t");
    fd = open(area, O_RDONLY | O_CLOEXEC);
    length = read(fd, fault.forgery, sizeof fault.forgery);
    assert_true(length > 0);
    assert_int_equal(close(fd), 0);
    fault.forgery_length = (size_t)length;
    tap_inject(tpm2_case.tap, &fault);
}

/* The first look is ESYS's own, by which it salts: with the key that was made,
 * then, and not with the one that seems to stand there. */
static void
rsa_key_is_not_exchanged_on_the_bus(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();
    struct keystore_key *key = NULL;

    (void)state;
    plant_rsa_by_the_book();
    tpm2_case_use(id, serial);
    config.serial = serial;
    forge("rsa2048:aes128cfb", 1);
    assert_ks_ok(contract_open(&config, &contract.store));
    assert_int_equal(tap_struck(tpm2_case.tap), 1);
    assert_string_equal(keystore_info(contract.store)->serial, serial);
    assert_ks_ok(
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    tap_inject(tpm2_case.tap, NULL);
    contract_assert_fresh_signs(id, sample(P_256)->public);
}

/* The second is ours, of which keys are wrapped. */
static void
believed_key_is_not_exchanged_on_the_bus(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char serial[KEYSTORE_SERIAL_SIZE];
    struct keystore_config config = tpm2_case_config();

    (void)state;
    tpm2_case_use(id, serial);
    config.serial = serial;
    forge("ecc256:aes128cfb", 2);
    tpm2_case_tool("changeauth", "-c", "owner", TPM2_CASE_PASSWORD);
    tpm2_case_assert_refused(&config, KS_ERR_TPM_OWNER,
                             "not of a standard template");
    assert_int_equal(tap_struck(tpm2_case.tap), 1);
}

int
contract_tpm2_srk(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(root_key_with_a_password_is_not_mistaken_for_a_pin),
        TPM2_CASE(rsa_key_by_the_book_is_used),
        TPM2_CASE(key_from_outside_is_not_believed),
        TPM2_CASE(rsa_key_is_not_exchanged_on_the_bus),
        TPM2_CASE(believed_key_is_not_exchanged_on_the_bus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
