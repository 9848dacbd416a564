/* SPDX-License-Identifier: Apache-2.0 */
/* Files as the back end would write them, and by hand. */
#include "tests/unit/hsm/tpm2/record_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "hsm/tpm2/public.h"

#define ARENA (64 * 1024)

static char directory[] = "/tmp/holdfast-record-XXXXXX";
struct tpm2_store record_case_store;
struct tpm2_place record_case_place = {.id = RECORD_CASE_ID};

void
record_case_write(const char *suffix, const void *bytes, size_t length,
                  mode_t mode)
{
    char name[sizeof RECORD_CASE_ID ".handle"];
    int fd;

    (void)snprintf(name, sizeof name, RECORD_CASE_ID ".%s", suffix);
    fd = openat(record_case_place.directory, name,
                O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    (void)close(fd);
}

size_t
record_case_read(const char *suffix, uint8_t *ret)
{
    char name[sizeof RECORD_CASE_ID ".handle"];
    ssize_t length;
    int fd;

    (void)snprintf(name, sizeof name, RECORD_CASE_ID ".%s", suffix);
    fd = openat(record_case_place.directory, name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    length = read(fd, ret, RECORD_CASE_FILE_MAX);
    assert_true(length >= 0);
    (void)close(fd);
    return (size_t)length;
}

bool
record_case_has(const char *suffix)
{
    char name[sizeof RECORD_CASE_ID ".handle"];

    (void)snprintf(name, sizeof name, RECORD_CASE_ID ".%s", suffix);
    return faccessat(record_case_place.directory, name, F_OK,
                     AT_SYMLINK_NOFOLLOW) == 0;
}

void
record_case_make(TPM2_HANDLE handle)
{
    struct tpm2_record record = {
        .parent = TPM2_SRK_HANDLE, .private.size = 100, .handle = handle};
    struct tpm2_auth auth = {.value = NULL};
    EVP_PKEY *public = EVP_EC_gen("P-256");

    tpm2_public_template(MATERIAL_P256, 256, false, false, &record.public);
    assert_int_equal(tpm2_public_fill(&record.public, public, NULL), KS_OK);
    assert_int_equal(tpm2_public_name(&record.public, &record.name, NULL),
                     KS_OK);
    assert_int_equal(
        tpm2_auth_new(&record_case_place, record_case_store.pin, &auth, NULL),
        KS_OK);
    assert_int_equal(
        tpm2_record_write(&record_case_place, &record, "label", NULL), KS_OK);
    secret_free(&auth.value);
    EVP_PKEY_free(public);
}

int
record_case_clear(void **state)
{
    (void)state;
    (void)unlinkat(record_case_place.directory, RECORD_CASE_ID ".pem", 0);
    (void)unlinkat(record_case_place.directory, RECORD_CASE_ID ".handle", 0);
    (void)unlinkat(record_case_place.directory, RECORD_CASE_ID ".auth", 0);
    secret_free(&record_case_store.pin);
    return 0;
}

int
record_case_start(void **state)
{
    (void)state;
    if (secret_init(ARENA, NULL) != KS_OK || mkdtemp(directory) == NULL)
        return -1;
    record_case_store.srk.parent = TPM2_SRK_HANDLE;
    record_case_place.directory = open(directory,
                                       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    record_case_store.keys = record_case_place.directory;
    return record_case_store.keys >= 0 ? 0 : -1;
}

int
record_case_stop(void **state)
{
    (void)state;
    (void)close(record_case_place.directory);
    return rmdir(directory);
}
