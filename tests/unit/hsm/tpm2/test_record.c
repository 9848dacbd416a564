/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a TPM's keys as they should be, and that what is removed is
 * overwritten first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/hsm/tpm2/record_case.h"

static void
what_is_removed_is_overwritten(void **state)
{
    static const uint8_t zeros[32];
    uint8_t value[33];
    int fd;

    (void)state;
    record_case_make(0);
    fd = openat(record_case_place.directory, RECORD_CASE_ID ".auth",
                O_RDONLY | O_CLOEXEC);
    assert_int_equal(pread(fd, value, sizeof value, 0), 32);
    assert_memory_not_equal(value, zeros, sizeof zeros);
    assert_int_equal(tpm2_record_remove(&record_case_place, NULL), KS_OK);
    assert_false(record_case_has("pem"));
    assert_false(record_case_has("auth"));
    assert_int_equal(pread(fd, value, sizeof value, 0), 32);
    assert_memory_equal(value, zeros, sizeof zeros);
    (void)close(fd);
}

/* A crash in a key's move into the TPM leaves both; then there would be a copy
 * after its end. */
static void
file_of_a_key_that_moved_can_be_dropped(void **state)
{
    struct tpm2_record record;

    (void)state;
    record_case_make(0);
    assert_int_equal(
        unlinkat(record_case_place.directory, RECORD_CASE_ID ".auth", 0), 0);
    record_case_make(RECORD_CASE_HANDLE);
    assert_int_equal(tpm2_record_read(&record_case_place, &record, NULL),
                     KS_OK);
    assert_int_equal(record.handle, RECORD_CASE_HANDLE);
    assert_int_equal(tpm2_record_drop_pem(&record_case_place, NULL), KS_OK);
    assert_false(record_case_has("pem"));
    assert_true(record_case_has("handle"));
    assert_int_equal(tpm2_record_drop_pem(&record_case_place, NULL), KS_OK);
    assert_true(tpm2_record_is_current(&record_case_place, &record));
}

static bool
is_any(const struct tpm2_place *place, const void *context)
{
    unsigned *count = *(unsigned *const *)context;

    assert_string_equal(place->id, RECORD_CASE_ID);
    (*count)++;
    return false;
}

/* By the names of keys' files alone: one left of a write that was cut short and
 * a value without a key are none. */
static void
places_are_those_with_a_key(void **state)
{
    static const char *const others[] = {"pem.new", "auth", "pem~", "handles"};
    struct tpm2_place place;
    unsigned count = 0, *counter = &count;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char name[64];
        int fd;

        (void)snprintf(name, sizeof name, RECORD_CASE_ID ".%s", others[i]);
        fd = openat(record_case_place.directory, name,
                    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        (void)close(fd);
        assert_false(tpm2_place_find(record_case_place.directory, is_any,
                                     &counter, &place));
        assert_int_equal(unlinkat(record_case_place.directory, name, 0), 0);
    }
    assert_int_equal(count, 0);
    record_case_make(RECORD_CASE_HANDLE);
    assert_false(
        tpm2_place_find(record_case_place.directory, is_any, &counter, &place));
    assert_int_equal(count, 1);
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
        struct tpm2_record record;
        struct tpm2_auth auth = {.value = NULL};
        uint8_t value[RECORD_CASE_FILE_MAX];
        struct stat status;

        record_case_make(handles[i]);
        assert_int_equal(tpm2_record_read(&record_case_place, &record, NULL),
                         KS_OK);
        assert_int_equal(record.handle, handles[i]);
        assert_int_equal(record.name.size, 34);
        assert_int_equal(
            tpm2_auth_read(&record_case_place, false, NULL, &auth, NULL),
            KS_OK);
        assert_false(auth.is_pin);
        assert_int_equal(record_case_read("auth", value),
                         secret_length(auth.value));
        assert_memory_equal(value, secret_bytes(auth.value), 32);
        secret_free(&auth.value);
        assert_true(tpm2_record_is_current(&record_case_place, &record));
        assert_int_equal(fstatat(record_case_place.directory,
                                 RECORD_CASE_ID ".auth", &status, 0),
                         0);
        assert_int_equal(status.st_mode & 0777, 0600);
        (void)record_case_clear(NULL);
        assert_false(tpm2_record_is_current(&record_case_place, &record));
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, record_case_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_removed_is_overwritten),
        CASE(file_of_a_key_that_moved_can_be_dropped),
        CASE(places_are_those_with_a_key),
        CASE(values_are_long_and_have_no_line_end),
        CASE(records_come_back_as_they_were_written),
    };

    return cmocka_run_group_tests(tests, record_case_start, record_case_stop);
}
