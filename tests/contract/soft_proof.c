/* SPDX-License-Identifier: Apache-2.0 */
/* The software emulation's directory, looked at from outside: it hides
 * nothing, says so, and refuses what others could have written. */
#include "tests/contract/contract.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define PATH_SIZE 256

static const uint8_t id[KEYSTORE_ID_LENGTH] = {0xa5, 1};
#define NAME "a5010000000000000000000000000000.key"

/* NAME in the directory of keys, or that itself. */
static const char *
path_of(const char *name)
{
    static char path[PATH_SIZE];
    const char *directory = store_fixture_uri(contract.fixture) +
                            strlen("soft:");

    assert_true(snprintf(path, sizeof path, "%s/%s", directory, name) <
                (int)sizeof path);
    return path;
}

static void
write_file(const char *name, const void *bytes, size_t length)
{
    int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  S_IRUSR | S_IWUSR);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(close(fd), 0);
}

/* Not counting "." and "..". */
static size_t
count_files(void)
{
    DIR *directory = opendir(path_of(""));
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        count++;
    assert_int_equal(closedir(directory), 0);
    return count - 2;
}

static void
assert_not_found(enum ks_err wanted)
{
    struct keystore_key *key = NULL;

    assert_ks_err(wanted, keystore_find(contract.store, id, NULL, &key, NULL));
    assert_null(key);
}

static void
assert_does_not_open(enum ks_err wanted)
{
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;

    assert_ks_err(wanted, contract_try(&config, &store, NULL));
    assert_null(store);
}

static void
put(void)
{
    struct keystore_key *key = contract_import(P_256, id);

    keystore_key_free(&key);
}

static void
open_directory_is_refused(void **state)
{
    static const mode_t modes[] = {0750, 0705, 0720, 0777};

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(path_of(""), modes[i]), 0);
        assert_does_not_open(KS_ERR_TOKEN_WEAK);
    }
    assert_int_equal(chmod(path_of(""), 0700), 0);
    if (geteuid() == 0) { /* only root can give it away */
        assert_int_equal(chown(path_of(""), 65534, 65534), 0);
        assert_does_not_open(KS_ERR_TOKEN_WEAK);
        assert_int_equal(chown(path_of(""), 0, 0), 0);
    }
    contract_reopen();
}

static void
open_key_file_is_refused(void **state)
{
    (void)state;
    put();
    assert_int_equal(chmod(path_of(NAME), 0640), 0);
    assert_not_found(KS_ERR_TOKEN_WEAK);
    assert_int_equal(chmod(path_of(NAME), 0604), 0);
    assert_not_found(KS_ERR_TOKEN_WEAK);
    assert_int_equal(chmod(path_of(NAME), 0600), 0);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

static void
key_file_that_is_none_is_refused(void **state)
{
    char elsewhere[PATH_SIZE];

    (void)state;
    put();
    (void)snprintf(elsewhere, sizeof elsewhere, "%s", path_of("elsewhere"));
    assert_int_equal(rename(path_of(NAME), elsewhere), 0);
    assert_int_equal(symlink("elsewhere", path_of(NAME)), 0);
    assert_not_found(KS_ERR_TOKEN_FAILED);
    assert_int_equal(unlink(path_of(NAME)), 0);
    assert_int_equal(mkfifo(path_of(NAME), 0600), 0);
    assert_not_found(KS_ERR_TOKEN_WEAK);
    assert_int_equal(unlink(path_of(NAME)), 0);
    assert_int_equal(mkdir(path_of(NAME), 0700), 0);
    assert_not_found(KS_ERR_TOKEN_WEAK);
    assert_int_equal(rmdir(path_of(NAME)), 0);
    assert_int_equal(unlink(elsewhere), 0);
}

static void
broken_key_file_is_refused(void **state)
{
    const struct secret *pkcs8 = sample(P_256)->pkcs8;
    uint8_t bytes[MATERIAL_MAX + 1] = {0};
    size_t length = secret_length(pkcs8);

    (void)state;
    memcpy(bytes, secret_bytes(pkcs8), length);
    write_file(NAME, "", 0);
    assert_not_found(KS_ERR_TOKEN_FAILED);
    write_file(NAME, bytes, length - 1);
    assert_not_found(KS_ERR_TOKEN_FAILED);
    write_file(NAME, bytes, length + 1);
    assert_not_found(KS_ERR_TOKEN_FAILED);
    write_file(NAME, bytes, sizeof bytes);
    assert_not_found(KS_ERR_TOKEN_FAILED);
    bytes[0] ^= 1;
    write_file(NAME, bytes, length);
    assert_not_found(KS_ERR_TOKEN_FAILED);

    /* It stands for a key, so nothing takes its place. */
    assert_ks_err(KS_ERR_TOKEN_FAILED,
                  keystore_generate(contract.store, id, "new", MATERIAL_P256,
                                    &(struct keystore_key *){NULL}, NULL));
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

static void
key_of_another_type_is_refused(void **state)
{
    EVP_PKEY *foreign = EVP_EC_gen("P-224");
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(foreign);
    unsigned char *der = NULL;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);

    (void)state;
    assert_true(length > 0);
    write_file(NAME, der, (size_t)length);
    assert_not_found(KS_ERR_KEY_OTHER);
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(foreign);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

static void
broken_serial_file_is_refused(void **state)
{
    static const char *const serials[] = {
        "", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF",
        "0123456789abcd\n"};
    char serial[sizeof keystore_info(contract.store)->serial];

    (void)state;
    memcpy(serial, keystore_info(contract.store)->serial, sizeof serial);
    for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
        write_file("serial", serials[i], strlen(serials[i]));
        assert_does_not_open(KS_ERR_TOKEN_FAILED);
    }
    write_file("serial", serial, strlen(serial));
    contract_reopen();
    assert_string_equal(keystore_info(contract.store)->serial, serial);
}

/* With all descriptors still open, it is gone from the disk. */
static void
removed_directory_takes_no_key(void **state)
{
    struct keystore_key *key = NULL;

    (void)state;
    assert_int_equal(unlink(path_of("serial")), 0);
    assert_int_equal(rmdir(path_of("")), 0);
    assert_ks_err(KS_ERR_TOKEN_MISSING,
                  keystore_import(contract.store, id, "late",
                                  &sample(P_256)->material,
                                  sample(P_256)->public, &key, NULL));
    assert_null(key);
    assert_int_equal(mkdir(path_of(""), 0700), 0);
}

static void
state_directory_is_used_where_no_path_is_given(void **state)
{
    static const char *const uris[] = {"soft:", "soft:keys", "soft:./keys"};
    struct keystore_config config = contract_config();
    struct keystore *store = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        config.uri = uris[i];
        assert_ks_err(KS_ERR_TOKEN_URI, contract_try(&config, &store, NULL));
    }
    put();
    config.uri = "soft:";
    config.keys_fd = open(path_of(""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(config.keys_fd >= 0);
    assert_ks_ok(contract_open(&config, &store));
    assert_string_equal(keystore_info(store)->serial,
                        keystore_info(contract.store)->serial);
    assert_ks_ok(keystore_remove(store, id, NULL));
    keystore_close(&store);
    /* The descriptor stays its owner's. */
    assert_int_equal(close(config.keys_fd), 0);
}

/* A crash leaves a half-written file of the temporary name. */
static void
remains_of_a_crash_are_no_key(void **state)
{
    (void)state;
    write_file(NAME ".new", "half", 4);
    assert_not_found(KS_ERR_KEY_MISSING);
    put();
    assert_int_equal(count_files(), 2); /* the key, the serial number */
    write_file(NAME ".new", "half", 4);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    assert_int_equal(count_files(), 1);
}

static void
whoever_reads_the_file_has_the_key(void **state)
{
    FILE *file;
    EVP_PKEY *key;
    struct stat status;

    (void)state;
    put();
    assert_int_equal(stat(path_of(NAME), &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0600);
    file = fopen(path_of(NAME), "re");
    assert_non_null(file);
    key = d2i_PrivateKey_fp(file, NULL);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(EVP_PKEY_eq(key, sample(P_256)->public), 1);
    EVP_PKEY_free(key);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, contract_open_store,                 \
                                    contract_close_store)

int
contract_soft_proof(void)
{
    const struct CMUnitTest tests[] = {
        opened(open_directory_is_refused),
        opened(open_key_file_is_refused),
        opened(key_file_that_is_none_is_refused),
        opened(broken_key_file_is_refused),
        opened(key_of_another_type_is_refused),
        opened(broken_serial_file_is_refused),
        opened(removed_directory_takes_no_key),
        opened(state_directory_is_used_where_no_path_is_given),
        opened(remains_of_a_crash_are_no_key),
        opened(whoever_reads_the_file_has_the_key),
    };

    return cmocka_run_group_tests(tests, contract_make_store,
                                  contract_remove_store);
}
