/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that the TPM keeps itself, from a handle of the URI's on. */
#include "tests/contract/tpm2/case.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#define SRK "- 0x81000001\n"
#define FIRST "0x81000200"
#define RANGE 16

static struct tpm2_case_state before;

static void
import_at(enum sample_name name, const uint8_t *id)
{
    tpm2_case_open_handle(FIRST);
    tpm2_case_import(name, id);
    assert_true(tpm2_case_has_file(id, "handle"));
    assert_true(tpm2_case_has_file(id, "auth"));
    assert_false(tpm2_case_has_file(id, "pem"));
}

static void
assert_persistent(const char *wanted)
{
    assert_string_equal(tpm2_case_handles(PERSISTENT), wanted);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
}

/* Whatever the URI says that finds them: the record has the handle. */
static void
key_survives_in_the_tpm(void **state)
{
    uint8_t ids[3][KEYSTORE_ID_LENGTH];
    EVP_PKEY *born;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        contract_id(ids[i]);
    import_at(RSA_2048, ids[0]);
    import_at(P_256, ids[1]);
    tpm2_case_open_handle(FIRST);
    born = tpm2_case_generate(MATERIAL_P384, ids[2]);
    assert_false(tpm2_case_has_file(ids[2], "pem"));
    assert_persistent(SRK "- 0x81000200\n- 0x81000201\n- 0x81000202\n");
    assert_int_equal(swtpm_restart(store_fixture_swtpm(contract.fixture)), 0);
    contract_assert_fresh_signs(ids[0], sample(RSA_2048)->public);
    contract_assert_fresh_signs(ids[1], sample(P_256)->public);
    contract_assert_fresh_signs(ids[2], born);
    EVP_PKEY_free(born);
    assert_persistent(SRK "- 0x81000200\n- 0x81000201\n- 0x81000202\n");
}

/* On the bus the imported key's area says that the TPM made it. */
static void
forged_area_is_not_the_key(void **state)
{
    static const uint8_t born = 0x32; /* fixedTPM, fixedParent, made here */
    struct tap_fault fault = {
        .action = TAP_FORGE, .code = CC_READ_PUBLIC, .nth = 3};
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;
    char area[TPM2_CASE_PATH];
    FILE *file;

    (void)state;
    contract_id(id);
    import_at(P_256, id);
    tpm2_case_path("area", area);
    tpm2_case_tool("readpublic", "-c", FIRST, "-o", area);
    file = fopen(area, "re");
    assert_non_null(file);
    fault.forgery_length = fread(fault.forgery, 1, sizeof fault.forgery, file);
    assert_int_equal(fclose(file), 0);
    fault.forgery[9] |= born; /* behind a size, a type and an algorithm */
    tap_inject(tpm2_case.tap, &fault);
    tpm2_case_open();
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    assert_int_equal(tap_struck(tpm2_case.tap), 1);
    assert_null(key);
    keystore_close(&contract.store);
}

static void
removed_key_is_evicted(void **state)
{
    uint8_t ids[2][KEYSTORE_ID_LENGTH];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        contract_id(ids[i]);
        import_at(P_256, ids[i]);
    }
    contract_assert_fresh_removes(ids[0]);
    contract_assert_fresh_missing(ids[0]);
    assert_persistent(SRK "- 0x81000201\n");
    assert_false(tpm2_case_has_file(ids[0], "handle"));
    assert_false(tpm2_case_has_file(ids[0], "auth"));
    contract_assert_fresh_signs(ids[1], sample(P_256)->public);
    import_at(P_384, ids[0]);
    assert_persistent(SRK "- 0x81000200\n- 0x81000201\n");
    contract_assert_fresh_signs(ids[0], sample(P_384)->public);
}

/* Keep COUNT copies of somebody else's key from FIRST on. */
static void
take_handles(unsigned count)
{
    tpm2_tool_create_primary(&tpm2_case.run, tpm2_case_swtpm(),
                             store_fixture_directory(contract.fixture));
    rig_expect(&tpm2_case.run, 0, "");
    for (unsigned i = 0; i < count; i++) {
        char handle[16];

        (void)snprintf(handle, sizeof handle, "0x%x", 0x81000200 + i);
        tpm2_case_tool("evictcontrol", "-C", "o", "-c", "0x80000000", handle);
    }
    tpm2_case_tool("flushcontext", "-t");
}

static void
assert_import_fails(enum ks_err wanted)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct err_cause cause = {.text = ""};
    struct keystore_key *key = NULL;

    contract_id(id);
    tpm2_case_look(&before);
    tpm2_case_open_handle(FIRST);
    assert_ks_err(wanted, keystore_import(contract.store, id, "no place",
                                          &sample(P_256)->material,
                                          sample(P_256)->public, &key, &cause));
    assert_null(key);
    assert_non_null(strstr(cause.text, FIRST));
    keystore_close(&contract.store);
    tpm2_case_assert_unchanged(&before);
}

static void
full_range_is_said(void **state)
{
    (void)state;
    tpm2_case_provision();
    take_handles(RANGE);
    assert_import_fails(KS_ERR_TOKEN_FULL);
}

static void
owner_password_keeps_keys_out(void **state)
{
    (void)state;
    tpm2_case_provision();
    tpm2_case_tool("changeauth", "-c", "owner", "owner-9753");
    assert_import_fails(KS_ERR_TPM_OWNER);
}

/* Evicted, and its handle given to another: not ours to use or to destroy. */
static void
other_key_at_the_handle_is_left_alone(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    import_at(P_256, id);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", FIRST);
    tpm2_case_open();
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    keystore_close(&contract.store);
    take_handles(1);
    tpm2_case_open();
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    keystore_close(&contract.store);
    assert_null(key);
    assert_persistent(SRK "- 0x81000200\n");
    assert_false(tpm2_case_has_file(id, "handle"));
}

static void
assert_not_removed(const uint8_t *id, enum ks_err wanted, const char *says)
{
    struct err_cause cause = {.text = ""};

    tpm2_case_open();
    assert_ks_err(wanted, keystore_remove(contract.store, id, &cause));
    keystore_close(&contract.store);
    if (strstr(cause.text, says) == NULL)
        fail_msg("not \"%s\": %s", says, cause.text);
    assert_persistent(SRK "- 0x81000200\n");
    assert_true(tpm2_case_has_file(id, "handle"));
    assert_true(tpm2_case_has_file(id, "auth"));
}

/* It is all that says where the key is: a copy put back with other rights, and
 * one that was cut off. */
static void
record_that_cannot_be_read_stays_with_its_key(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char path[TPM2_CASE_PATH], kept[TPM2_CASE_PATH];

    (void)state;
    contract_id(id);
    import_at(P_256, id);
    tpm2_case_key_path(id, "handle", path);
    assert_int_equal(chmod(path, 0640), 0);
    assert_not_removed(id, KS_ERR_TOKEN_WEAK, "chmod 600 it");
    assert_int_equal(chmod(path, 0600), 0);
    tpm2_case_path("kept", kept);
    assert_int_equal(rename(path, kept), 0);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)),
                     0);
    assert_not_removed(id, KS_ERR_TOKEN_FAILED, "names no handle");
    assert_int_equal(rename(kept, path), 0);
    contract_assert_fresh_removes(id);
    assert_persistent(SRK);
    assert_false(tpm2_case_has_file(id, "handle"));
}

int
contract_tpm2_handle(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(full_range_is_said),
        TPM2_CASE(owner_password_keeps_keys_out),
        TPM2_CASE(other_key_at_the_handle_is_left_alone),
        TPM2_CASE(record_that_cannot_be_read_stays_with_its_key),
        TPM2_CASE(key_survives_in_the_tpm),
        TPM2_CASE(forged_area_is_not_the_key),
        TPM2_CASE(removed_key_is_evicted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
