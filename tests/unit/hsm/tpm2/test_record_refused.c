/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a TPM's keys: what is missing, open to others, altered or not
 * ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>

#include "hsm/tpm2/sign.h"
#include "tests/support/store_fixture.h"
#include "tests/unit/hsm/tpm2/record_case.h"

#define ROUNDS 4000

static enum ks_err
read_back(struct err_cause *cause)
{
    struct tpm2_record record;
    struct tpm2_auth auth = {.value = NULL};
    enum ks_err rc = tpm2_record_read(&record_case_place, &record, cause);

    if (rc == KS_OK)
        rc = tpm2_auth_read(&record_case_place, record.empty_auth,
                            record_case_store.pin, &auth, cause);
    if (rc == KS_OK)
        assert_true(secret_length(auth.value) <= 32);
    secret_free(&auth.value);
    return rc;
}

static void
what_is_not_there_is_missing(void **state)
{
    (void)state;
    assert_int_equal(read_back(NULL), KS_ERR_KEY_MISSING);
    assert_int_equal(tpm2_record_remove(&record_case_place, NULL),
                     KS_ERR_KEY_MISSING);
    assert_int_equal(tpm2_record_clear(&record_case_place, NULL), KS_OK);
    /* a value alone is no key, but is cleared away */
    record_case_write("auth", "x", 1, 0600);
    assert_int_equal(read_back(NULL), KS_ERR_KEY_MISSING);
    assert_int_equal(tpm2_record_clear(&record_case_place, NULL), KS_OK);
    assert_false(record_case_has("auth"));
}

/* As one would be that the table has and this back end has not: before a file
 * is looked at, or a TPM asked. */
static void
scheme_without_a_mechanism_is_refused(void **state)
{
    static const uint8_t id[KEYSTORE_ID_LENGTH] = {0xab, 0xcd};
    static const uint8_t hash[KEYSTORE_DIGEST_MAX] = {1};
    struct tpm2_key *key = NULL;
    struct keystore_signature signature;

    (void)state;
    assert_int_equal(tpm2_key_new(&record_case_store, id, &key, NULL), KS_OK);
    key->key.public = EVP_EC_gen("P-256");
    assert_non_null(key->key.public);
    assert_int_equal(tpm2_sign(key, 0, hash, &signature, NULL),
                     KS_ERR_TOKEN_UNSUPPORTED);
    assert_int_equal(tpm2_sign(key, KEYSTORE_ES256, hash, &signature, NULL),
                     KS_ERR_KEY_MISSING);
    tpm2_key_free(&key);
}

static void
files_open_to_others_are_refused(void **state)
{
    static const char *const names[] = {RECORD_CASE_ID ".pem",
                                        RECORD_CASE_ID ".auth",
                                        RECORD_CASE_ID ".handle"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        record_case_make(i == 2 ? RECORD_CASE_HANDLE : 0);
        assert_int_equal(read_back(NULL), KS_OK);
        assert_int_equal(
            fchmodat(record_case_place.directory, names[i], 0644, 0), 0);
        assert_int_equal(read_back(NULL), KS_ERR_TOKEN_WEAK);
        (void)record_case_clear(NULL);
    }
}

static void
links_are_refused(void **state)
{
    (void)state;
    record_case_make(0);
    assert_int_equal(renameat(record_case_place.directory,
                              RECORD_CASE_ID ".pem",
                              record_case_place.directory, "elsewhere"),
                     0);
    assert_int_equal(symlinkat("elsewhere", record_case_place.directory,
                               RECORD_CASE_ID ".pem"),
                     0);
    assert_int_equal(read_back(NULL), KS_ERR_TOKEN_FAILED);
    assert_int_equal(unlinkat(record_case_place.directory, "elsewhere", 0), 0);
}

static void
keys_of_another_parent_are_refused(void **state)
{
    static const uint8_t srk[] = {0x02, 0x05, 0x00, 0x81, 0, 0, 0x01};
    static const uint8_t id[KEYSTORE_ID_LENGTH] = {0xab, 0xcd};
    struct tpm2_key *key = NULL;
    struct err_cause cause = {.text = ""};
    uint8_t text[RECORD_CASE_FILE_MAX];
    size_t length;
    BIO *bio;
    char *name = NULL, *header = NULL, *bytes = NULL;
    unsigned char *der = NULL, *parent;
    long size = 0;

    (void)state;
    record_case_make(0);
    length = record_case_read("pem", text);
    bio = BIO_new_mem_buf(text, (int)length);
    assert_int_equal(PEM_read_bio(bio, &name, &header, &der, &size), 1);
    BIO_free(bio);
    parent = memmem(der, (size_t)size, srk, sizeof srk);
    assert_non_null(parent);
    parent[6] = 0x02;
    bio = BIO_new(BIO_s_mem());
    assert_true(PEM_write_bio(bio, name, "", der, size) > 0);
    size = BIO_get_mem_data(bio, &bytes);
    record_case_write("pem", bytes, (size_t)size, 0600);
    assert_int_equal(tpm2_key_find(&record_case_store, id, &key, &cause),
                     KS_ERR_KEY_OTHER);
    assert_null(key);
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
    record_case_make(RECORD_CASE_HANDLE);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        record_case_write("handle", texts[i], strlen(texts[i]), 0600);
        if (read_back(NULL) != KS_ERR_TOKEN_FAILED)
            fail_msg("\"%s\" is taken", texts[i]);
    }
}

static void
values_that_are_too_long_are_refused(void **state)
{
    static const uint8_t bytes[33] = {1};

    (void)state;
    record_case_make(0);
    record_case_write("auth", bytes, 32, 0600);
    assert_int_equal(read_back(NULL), KS_OK);
    record_case_write("auth", bytes, 33, 0600);
    assert_int_equal(read_back(NULL), KS_ERR_TOKEN_FAILED);
}

static void
without_a_value_the_pin_is_wanted(void **state)
{
    struct tpm2_auth auth = {.value = NULL};

    (void)state;
    record_case_make(0);
    assert_int_equal(
        unlinkat(record_case_place.directory, RECORD_CASE_ID ".auth", 0), 0);
    assert_int_equal(read_back(NULL), KS_ERR_PIN_NEEDED);
    record_case_store.pin = store_fixture_secret("sesame");
    assert_int_equal(tpm2_auth_read(&record_case_place, false,
                                    record_case_store.pin, &auth, NULL),
                     KS_OK);
    assert_true(auth.is_pin);
    assert_int_equal(secret_length(auth.value), 6);
    secret_free(&auth.value);
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
        uint8_t whole[RECORD_CASE_FILE_MAX];
        size_t length;

        record_case_make(i == 1 ? RECORD_CASE_HANDLE : 0);
        length = record_case_read(suffixes[i], whole);
        for (unsigned round = 0; round < ROUNDS / 3; round++) {
            uint8_t altered[RECORD_CASE_FILE_MAX];
            size_t cut = (size_t)rand() % (length + 1);

            memcpy(altered, whole, length);
            for (int j = rand() % 8; j >= 0; j--)
                altered[(size_t)rand() % length] = (uint8_t)rand();
            if (rand() % 4 != 0)
                cut = length;
            record_case_write(suffixes[i], altered, cut, 0600);
            taken += read_back(NULL) == KS_OK;
        }
        (void)record_case_clear(NULL);
    }
    assert_in_range(taken, 1, ROUNDS - 1);
}

#define CASE(name) cmocka_unit_test_teardown(name, record_case_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_not_there_is_missing),
        CASE(scheme_without_a_mechanism_is_refused),
        CASE(files_open_to_others_are_refused),
        CASE(links_are_refused),
        CASE(keys_of_another_parent_are_refused),
        CASE(files_that_name_no_handle_are_refused),
        CASE(values_that_are_too_long_are_refused),
        CASE(without_a_value_the_pin_is_wanted),
        CASE(altered_files_harm_nobody),
    };

    return cmocka_run_group_tests(tests, record_case_start, record_case_stop);
}
