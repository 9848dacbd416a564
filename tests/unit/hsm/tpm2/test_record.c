/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a TPM's keys as they should be, and that what is removed is
 * overwritten first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm/tpm2/directory.h"
#include "tests/unit/hsm/tpm2/record_case.h"

static void
what_is_removed_is_overwritten(void **state)
{
    static const uint8_t zeros[32];
    struct tpm2_key *key = record_case_key();
    uint8_t value[33];
    int fd;

    (void)state;
    record_case_make(0);
    fd = openat(record_case_store.keys, RECORD_CASE_ID ".auth",
                O_RDONLY | O_CLOEXEC);
    assert_int_equal(pread(fd, value, sizeof value, 0), 32);
    assert_memory_not_equal(value, zeros, sizeof zeros);
    assert_int_equal(tpm2_record_remove(key, NULL), KS_OK);
    assert_false(record_case_has("pem"));
    assert_false(record_case_has("auth"));
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
    struct tpm2_key *key = record_case_key();

    (void)state;
    record_case_make(0);
    assert_int_equal(
        unlinkat(record_case_store.keys, RECORD_CASE_ID ".auth", 0), 0);
    record_case_make(RECORD_CASE_HANDLE);
    assert_int_equal(tpm2_record_read(key, NULL), KS_OK);
    assert_int_equal(key->handle, RECORD_CASE_HANDLE);
    assert_int_equal(tpm2_record_drop_pem(key, NULL), KS_OK);
    assert_false(record_case_has("pem"));
    assert_true(record_case_has("handle"));
    assert_int_equal(tpm2_record_drop_pem(key, NULL), KS_OK);
    assert_true(tpm2_record_is_current(key));
    tpm2_key_free(&key);
}

static void
object_without_a_name_is_none_of_ours(void **state)
{
    TPM2B_NAME name = {.size = 0};
    struct tpm2_key *key = record_case_key();

    (void)state;
    record_case_make(RECORD_CASE_HANDLE);
    assert_int_equal(tpm2_record_read(key, NULL), KS_OK);
    assert_true(tpm2_directory_has_name(&record_case_store, &key->name));
    assert_false(tpm2_directory_has_name(&record_case_store, &name));
    tpm2_key_free(&key);
}

/* So that other software can read it as a passphrase from a file. */
static void
values_are_long_and_have_no_line_end(void **state)
{
    uint8_t before[32] = {0};

    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        uint8_t value[RECORD_CASE_FILE_MAX];

        record_case_make(0);
        assert_int_equal(record_case_read("auth", value), 32);
        assert_null(memchr(value, '\0', 32));
        assert_null(memchr(value, '\n', 32));
        assert_null(memchr(value, '\r', 32));
        assert_memory_not_equal(value, before, sizeof before);
        memcpy(before, value, sizeof before);
        (void)record_case_clear(NULL);
    }
}

static void
records_come_back_as_they_were_written(void **state)
{
    static const TPM2_HANDLE handles[] = {0, RECORD_CASE_HANDLE, 0x817ffff0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tpm2_key *key = record_case_key();
        uint8_t value[RECORD_CASE_FILE_MAX];
        struct stat status;

        record_case_make(handles[i]);
        assert_int_equal(tpm2_record_read(key, NULL), KS_OK);
        assert_int_equal(key->handle, handles[i]);
        assert_int_equal(key->name.size, 34);
        assert_false(key->auth_is_pin);
        assert_int_equal(record_case_read("auth", value),
                         secret_length(key->auth));
        assert_memory_equal(value, secret_bytes(key->auth), 32);
        assert_true(tpm2_record_is_current(key));
        assert_int_equal(
            fstatat(record_case_store.keys, RECORD_CASE_ID ".auth", &status, 0),
            0);
        assert_int_equal(status.st_mode & 0777, 0600);
        (void)record_case_clear(NULL);
        assert_false(tpm2_record_is_current(key));
        tpm2_key_free(&key);
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, record_case_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_removed_is_overwritten),
        CASE(file_of_a_key_that_moved_can_be_dropped),
        CASE(object_without_a_name_is_none_of_ours),
        CASE(values_are_long_and_have_no_line_end),
        CASE(records_come_back_as_they_were_written),
    };

    return cmocka_run_group_tests(tests, record_case_start, record_case_stop);
}
