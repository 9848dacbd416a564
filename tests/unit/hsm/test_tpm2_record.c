/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a TPM's keys: what is missing, open to others, altered or not
 * ours; and that what is removed is overwritten first.  No TPM is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "hsm/tpm2_public.h"
#include "hsm/tpm2_record.h"
#include "tests/contract/store_fixture.h"

#define ARENA (64 * 1024)
#define ROUNDS 4000
#define FILE_MAX 4096
#define HANDLE 0x81000100u

static const uint8_t id[KEYSTORE_ID_LENGTH] = {0xab, 0xcd};
#define ID "abcd0000000000000000000000000000"

static char directory[] = "/tmp/holdfast-record-XXXXXX";
static struct tpm2_store store;

static void
write_file(const char *suffix, const void *bytes, size_t length, mode_t mode)
{
    char name[sizeof ID ".handle"];
    int fd;

    (void)snprintf(name, sizeof name, ID ".%s", suffix);
    fd = openat(store.keys, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    (void)close(fd);
}

static size_t
read_file(const char *suffix, uint8_t ret[static FILE_MAX])
{
    char name[sizeof ID ".handle"];
    ssize_t length;
    int fd;

    (void)snprintf(name, sizeof name, ID ".%s", suffix);
    fd = openat(store.keys, name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    length = read(fd, ret, FILE_MAX);
    assert_true(length >= 0);
    (void)close(fd);
    return (size_t)length;
}

static bool
is_there(const char *suffix)
{
    char name[sizeof ID ".handle"];

    (void)snprintf(name, sizeof name, ID ".%s", suffix);
    return faccessat(store.keys, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static struct tpm2_key *
new_key(void)
{
    struct tpm2_key *key = NULL;

    assert_int_equal(tpm2_key_new(&store, id, &key, NULL), KS_OK);
    return key;
}

/* Write a key down, as an import does: ID.pem and ID.auth. */
static void
record(TPM2_HANDLE handle)
{
    struct tpm2_key *key = new_key();
    EVP_PKEY *public = EVP_EC_gen("P-256");

    tpm2_public_template(MATERIAL_P256, 256, false, false, &key->public);
    assert_int_equal(tpm2_public_fill(&key->public, public, NULL), KS_OK);
    assert_int_equal(tpm2_public_name(&key->public, &key->name, NULL), KS_OK);
    key->private.size = 100;
    key->handle = handle;
    assert_int_equal(tpm2_record_new_auth(key, NULL), KS_OK);
    assert_int_equal(tpm2_record_write(key, "label", NULL), KS_OK);
    EVP_PKEY_free(public);
    tpm2_key_free(&key);
}

static enum ks_err
read_back(struct err_cause *cause)
{
    struct tpm2_key *key = new_key();
    enum ks_err rc = tpm2_record_read(key, cause);

    if (rc == KS_OK)
        assert_true(secret_length(key->auth) <= 32);
    tpm2_key_free(&key);
    return rc;
}

static int
remove_files(void **state)
{
    (void)state;
    (void)unlinkat(store.keys, ID ".pem", 0);
    (void)unlinkat(store.keys, ID ".handle", 0);
    (void)unlinkat(store.keys, ID ".auth", 0);
    secret_free(&store.pin);
    return 0;
}

static void
what_is_not_there_is_missing(void **state)
{
    struct tpm2_key *key = new_key();

    (void)state;
    assert_int_equal(read_back(NULL), KS_ERR_KEY_MISSING);
    assert_int_equal(tpm2_record_remove(key, NULL), KS_ERR_KEY_MISSING);
    assert_int_equal(tpm2_record_clear(key, NULL), KS_OK);
    /* a value alone is no key, but is cleared away */
    write_file("auth", "x", 1, 0600);
    assert_int_equal(read_back(NULL), KS_ERR_KEY_MISSING);
    assert_int_equal(tpm2_record_clear(key, NULL), KS_OK);
    assert_false(is_there("auth"));
    tpm2_key_free(&key);
}

static void
files_open_to_others_are_refused(void **state)
{
    static const char *const names[] = {ID ".pem", ID ".auth", ID ".handle"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        record(i == 2 ? HANDLE : 0);
        assert_int_equal(read_back(NULL), KS_OK);
        assert_int_equal(fchmodat(store.keys, names[i], 0644, 0), 0);
        assert_int_equal(read_back(NULL), KS_ERR_TOKEN_WEAK);
        (void)remove_files(NULL);
    }
}

static void
links_are_refused(void **state)
{
    (void)state;
    record(0);
    assert_int_equal(renameat(store.keys, ID ".pem", store.keys, "elsewhere"),
                     0);
    assert_int_equal(symlinkat("elsewhere", store.keys, ID ".pem"), 0);
    assert_int_equal(read_back(NULL), KS_ERR_TOKEN_FAILED);
    assert_int_equal(unlinkat(store.keys, "elsewhere", 0), 0);
}

static void
keys_of_another_parent_are_refused(void **state)
{
    static const uint8_t srk[] = {0x02, 0x05, 0x00, 0x81, 0, 0, 0x01};
    struct err_cause cause = {.text = ""};
    uint8_t text[FILE_MAX];
    size_t length;
    BIO *bio;
    char *name = NULL, *header = NULL, *bytes = NULL;
    unsigned char *der = NULL, *parent;
    long size = 0;

    (void)state;
    record(0);
    length = read_file("pem", text);
    bio = BIO_new_mem_buf(text, (int)length);
    assert_int_equal(PEM_read_bio(bio, &name, &header, &der, &size), 1);
    BIO_free(bio);
    parent = memmem(der, (size_t)size, srk, sizeof srk);
    assert_non_null(parent);
    parent[6] = 0x02;
    bio = BIO_new(BIO_s_mem());
    assert_true(PEM_write_bio(bio, name, "", der, size) > 0);
    size = BIO_get_mem_data(bio, &bytes);
    write_file("pem", bytes, (size_t)size, 0600);
    assert_int_equal(read_back(&cause), KS_ERR_KEY_OTHER);
    assert_non_null(strstr(cause.text, "0x81000002"));
    BIO_free(bio);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(der);
}

static void
files_that_name_no_handle_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "0x81000100",
        "0x81000100 ",
        "0x81000100 000",
        "81000100 000b00",
        "0x81000100 000B00",
        "0x00000000 000b00",
        "0x80000000 000b00",
        "0x01c00002 000b00",
        "0x82000000 000b00",
        "0x-1 000b00",
    };

    (void)state;
    record(HANDLE);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_file("handle", texts[i], strlen(texts[i]), 0600);
        if (read_back(NULL) != KS_ERR_TOKEN_FAILED)
            fail_msg("\"%s\" is taken", texts[i]);
    }
}

static void
values_that_are_too_long_are_refused(void **state)
{
    static const uint8_t bytes[33] = {1};

    (void)state;
    record(0);
    write_file("auth", bytes, 32, 0600);
    assert_int_equal(read_back(NULL), KS_OK);
    write_file("auth", bytes, 33, 0600);
    assert_int_equal(read_back(NULL), KS_ERR_TOKEN_FAILED);
}

static void
without_a_value_the_pin_is_wanted(void **state)
{
    struct tpm2_key *key = new_key();

    (void)state;
    record(0);
    assert_int_equal(unlinkat(store.keys, ID ".auth", 0), 0);
    assert_int_equal(read_back(NULL), KS_ERR_PIN_NEEDED);
    store.pin = store_fixture_secret("sesame");
    assert_int_equal(tpm2_record_read(key, NULL), KS_OK);
    assert_true(key->auth_is_pin);
    assert_int_equal(secret_length(key->auth), 6);
    tpm2_key_free(&key);
}

/* Whatever they say: an error of ours, or a key for the TPM to judge. */
static void
altered_files_harm_nobody(void **state)
{
    static const char *const suffixes[] = {"pem", "handle", "auth"};
    unsigned taken = 0;

    (void)state;
    srand(1);
    for (size_t i = 0; i < 3; i++) {
        uint8_t whole[FILE_MAX];
        size_t length;

        record(i == 1 ? HANDLE : 0);
        length = read_file(suffixes[i], whole);
        for (unsigned round = 0; round < ROUNDS / 3; round++) {
            uint8_t altered[FILE_MAX];
            size_t cut = (size_t)rand() % (length + 1);

            memcpy(altered, whole, length);
            for (int j = rand() % 8; j >= 0; j--)
                altered[(size_t)rand() % length] = (uint8_t)rand();
            if (rand() % 4 != 0)
                cut = length;
            write_file(suffixes[i], altered, cut, 0600);
            taken += read_back(NULL) == KS_OK;
        }
        (void)remove_files(NULL);
    }
    assert_in_range(taken, 1, ROUNDS - 1);
}

static void
what_is_removed_is_overwritten(void **state)
{
    static const uint8_t zeros[32];
    struct tpm2_key *key = new_key();
    uint8_t value[33];
    int fd;

    (void)state;
    record(0);
    fd = openat(store.keys, ID ".auth", O_RDONLY | O_CLOEXEC);
    assert_int_equal(pread(fd, value, sizeof value, 0), 32);
    assert_memory_not_equal(value, zeros, sizeof zeros);
    assert_int_equal(tpm2_record_remove(key, NULL), KS_OK);
    assert_false(is_there("pem"));
    assert_false(is_there("auth"));
    assert_int_equal(pread(fd, value, sizeof value, 0), 32);
    assert_memory_equal(value, zeros, sizeof zeros);
    (void)close(fd);
    tpm2_key_free(&key);
}

/* A crash in a key's move into the TPM leaves both; then there would be a copy
 * after its end. */
static void
file_of_a_key_that_moved_can_be_dropped(void **state)
{
    struct tpm2_key *key = new_key();

    (void)state;
    record(0);
    assert_int_equal(unlinkat(store.keys, ID ".auth", 0), 0);
    record(HANDLE);
    assert_int_equal(tpm2_record_read(key, NULL), KS_OK);
    assert_int_equal(key->handle, HANDLE);
    assert_int_equal(tpm2_record_drop_pem(key, NULL), KS_OK);
    assert_false(is_there("pem"));
    assert_true(is_there("handle"));
    assert_int_equal(tpm2_record_drop_pem(key, NULL), KS_OK);
    assert_true(tpm2_record_is_current(key));
    tpm2_key_free(&key);
}

/* So that other software can read it as a passphrase from a file. */
static void
values_are_long_and_have_no_line_end(void **state)
{
    uint8_t before[32] = {0};

    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        uint8_t value[FILE_MAX];

        record(0);
        assert_int_equal(read_file("auth", value), 32);
        assert_null(memchr(value, '\0', 32));
        assert_null(memchr(value, '\n', 32));
        assert_null(memchr(value, '\r', 32));
        assert_memory_not_equal(value, before, sizeof before);
        memcpy(before, value, sizeof before);
        (void)remove_files(NULL);
    }
}

static void
records_come_back_as_they_were_written(void **state)
{
    static const TPM2_HANDLE handles[] = {0, HANDLE, 0x817ffff0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tpm2_key *key = new_key();
        uint8_t value[FILE_MAX];
        struct stat status;

        record(handles[i]);
        assert_int_equal(tpm2_record_read(key, NULL), KS_OK);
        assert_int_equal(key->handle, handles[i]);
        assert_int_equal(key->name.size, 34);
        assert_false(key->auth_is_pin);
        assert_int_equal(read_file("auth", value), secret_length(key->auth));
        assert_memory_equal(value, secret_bytes(key->auth), 32);
        assert_true(tpm2_record_is_current(key));
        assert_int_equal(fstatat(store.keys, ID ".auth", &status, 0), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        (void)remove_files(NULL);
        assert_false(tpm2_record_is_current(key));
        tpm2_key_free(&key);
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, remove_files)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_not_there_is_missing),
        CASE(files_open_to_others_are_refused),
        CASE(links_are_refused),
        CASE(keys_of_another_parent_are_refused),
        CASE(files_that_name_no_handle_are_refused),
        CASE(values_that_are_too_long_are_refused),
        CASE(without_a_value_the_pin_is_wanted),
        CASE(altered_files_harm_nobody),
        CASE(what_is_removed_is_overwritten),
        CASE(file_of_a_key_that_moved_can_be_dropped),
        CASE(values_are_long_and_have_no_line_end),
        CASE(records_come_back_as_they_were_written),
    };
    int failed;

    if (secret_init(ARENA, NULL) != KS_OK || mkdtemp(directory) == NULL)
        return 1;
    store.keys = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)close(store.keys);
    (void)rmdir(directory);
    return failed;
}
