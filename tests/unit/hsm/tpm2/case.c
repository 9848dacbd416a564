/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at the TPM by a connection of its own. */
#include "tests/unit/hsm/tpm2/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <tss2/tss2_esys.h>

#include "hsm/tpm2/tpm2.h"
#include "hsm/tpm2/connection.h"
#include "tests/support/store_fixture.h"
#include "tests/support/tpm2/swtpm.h"

#define ARENA (256 * 1024)
#define HANDLES 16

/* TPM 2.0 Part 2, 7.2 */
#define TRANSIENT_FIRST 0x80000000u
#define SESSION_FIRST 0x02000000u

static struct store_fixture *fixture;
static struct tap *tap;

int
tpm2_case_start(void **state)
{
    (void)state;
    if (secret_init(ARENA, NULL) != KS_OK)
        return -1;
    fixture = store_fixture_new("tpm2");
    if (fixture != NULL)
        tap = tap_new(swtpm_socket(store_fixture_swtpm(fixture)),
                      store_fixture_directory(fixture));
    return tap != NULL ? 0 : -1;
}

int
tpm2_case_stop(void **state)
{
    (void)state;
    tap_free(&tap);
    store_fixture_free(&fixture);
    return 0;
}

struct tap *
tpm2_case_tap(void)
{
    return tap;
}

int
tpm2_case_keys(void)
{
    return store_fixture_keys(fixture);
}

enum ks_err
tpm2_case_open(const char *suffix, struct keystore **ret,
               struct err_cause *cause)
{
    static const struct keystore_ops *const backends[] = {&hsm_tpm2_ops, NULL};
    struct keystore_config config = {.keys_fd = tpm2_case_keys(),
                                     .allow_emulation = true};
    char uri[256];

    (void)snprintf(uri, sizeof uri, "tpm2:swtpm=%s%s", tap_socket(tap), suffix);
    config.uri = uri;
    return keystore_open(backends, &config, ret, cause);
}

/* Handles from FIRST on, of its type alone.  With EACH not NULL, call it with
 * every one. */
static unsigned
visit(TPM2_HANDLE first,
      void (*each)(TSS2_TCTI_CONTEXT *tcti, TPM2_HANDLE handle))
{
    struct tpm2_connection connection;
    struct tpm2_property property;
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more;
    unsigned count;

    assert_int_equal(tpm2_connection_open(store_fixture_uri(fixture),
                                          &connection, &property, NULL),
                     KS_OK);
    assert_int_equal(Esys_GetCapability(connection.esys, ESYS_TR_NONE,
                                        ESYS_TR_NONE, ESYS_TR_NONE,
                                        TPM2_CAP_HANDLES, first, HANDLES, &more,
                                        &data),
                     TSS2_RC_SUCCESS);
    count = data->data.handles.count;
    for (UINT32 i = 0; i < count && each != NULL; i++)
        each(connection.tcti, data->data.handles.handle[i]);
    Esys_Free(data);
    tpm2_connection_close(&connection);
    return count;
}

unsigned
tpm2_case_transient(void)
{
    return visit(TRANSIENT_FIRST, NULL);
}

unsigned
tpm2_case_persistent(uint32_t first)
{
    return visit(first, NULL);
}

/* By its bytes: ESYS has no word for others' sessions. */
static void
flush(TSS2_TCTI_CONTEXT *tcti, TPM2_HANDLE handle)
{
    const uint8_t command[] = {0x80,
                               0x01,
                               0,
                               0,
                               0,
                               14,
                               0,
                               0,
                               TPM2_CC_FlushContext >> 8,
                               TPM2_CC_FlushContext & 0xff,
                               (uint8_t)(handle >> 24),
                               (uint8_t)(handle >> 16),
                               (uint8_t)(handle >> 8),
                               (uint8_t)handle};
    uint8_t response[10] = {0xff};
    size_t length = sizeof response;

    assert_int_equal(Tss2_Tcti_Transmit(tcti, sizeof command, command),
                     TSS2_RC_SUCCESS);
    assert_int_equal(
        Tss2_Tcti_Receive(tcti, &length, response, TSS2_TCTI_TIMEOUT_BLOCK),
        TSS2_RC_SUCCESS);
    assert_memory_equal(response + 6, "\0\0\0\0", 4);
}

void
tpm2_case_flush_objects(void)
{
    (void)visit(TRANSIENT_FIRST, flush);
}

void
tpm2_case_flush_sessions(void)
{
    (void)visit(SESSION_FIRST, flush);
}

unsigned
tpm2_case_files(void)
{
    int fd = openat(tpm2_case_keys(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fdopendir(fd);
    const struct dirent *entry;
    unsigned count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        count += entry->d_name[0] != '.';
    (void)closedir(directory);
    return count;
}
