/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM, a tap and a store for each test.  Uses nothing of hsm/. */
#include "tests/contract/tpm2/case.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "tests/contract/tpm2/direct.h"

#define FILE_MAX 8192

struct tpm2_case tpm2_case;

int
tpm2_case_start(void **state)
{
    return contract_make_store(state) == 0 ? tpm2_case_tap() : -1;
}

int
tpm2_case_tap(void)
{
    tpm2_case.tap = tap_new(tpm2_case_swtpm(),
                            store_fixture_directory(contract.fixture));
    if (tpm2_case.tap == NULL)
        return -1;
    (void)snprintf(tpm2_case.uri, sizeof tpm2_case.uri, "tpm2:swtpm=%s",
                   tap_socket(tpm2_case.tap));
    return 0;
}

int
tpm2_case_stop(void **state)
{
    (void)contract_close_store(state);
    tap_free(&tpm2_case.tap);
    return contract_remove_store(state);
}

const char *
tpm2_case_swtpm(void)
{
    return swtpm_socket(store_fixture_swtpm(contract.fixture));
}

void
tpm2_case_path(const char *name, char ret[static TPM2_CASE_PATH])
{
    int length = snprintf(ret, TPM2_CASE_PATH, "%s/%s",
                          store_fixture_directory(contract.fixture), name);

    assert_true(length > 0 && length < TPM2_CASE_PATH);
}

void
tpm2_case_key_path(const uint8_t *id, const char *suffix,
                   char ret[static TPM2_CASE_PATH])
{
    char name[64] = "keys/";
    size_t length = strlen(name);

    for (size_t i = 0; i < KEYSTORE_ID_LENGTH; i++)
        length += (size_t)snprintf(name + length, 3, "%02x", id[i]);
    (void)snprintf(name + length, sizeof name - length, ".%s", suffix);
    tpm2_case_path(name, ret);
}

bool
tpm2_case_has_file(const uint8_t *id, const char *suffix)
{
    char path[TPM2_CASE_PATH];

    tpm2_case_key_path(id, suffix, path);
    return access(path, F_OK) == 0;
}

struct keystore_config
tpm2_case_config(void)
{
    struct keystore_config config = contract_config();

    config.uri = tpm2_case.uri;
    return config;
}

void
tpm2_case_open(void)
{
    struct keystore_config config = tpm2_case_config();

    assert_ks_ok(contract_open(&config, &contract.store));
}

void
tpm2_case_open_handle(const char *handle)
{
    struct keystore_config config = tpm2_case_config();
    char uri[TPM2_CASE_PATH + 32];

    (void)snprintf(uri, sizeof uri, "%s;handle=%s", tpm2_case.uri, handle);
    config.uri = uri;
    assert_ks_ok(contract_open(&config, &contract.store));
}

void
tpm2_case_provision(void)
{
    tpm2_case_open();
    keystore_close(&contract.store);
}

void
tpm2_case_import(enum sample_name name, const uint8_t *id)
{
    struct keystore_key *key = contract_import(name, id);

    keystore_key_free(&key);
    keystore_close(&contract.store);
}

EVP_PKEY *
tpm2_case_generate(enum material_type type, const uint8_t *id)
{
    struct keystore_key *key = NULL;
    EVP_PKEY *public = NULL;

    assert_ks_ok(
        keystore_generate(contract.store, id, "contract", type, &key, NULL));
    public = keystore_key_public(key);
    assert_int_equal(EVP_PKEY_up_ref(public), 1);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    return public;
}

const char *
tpm2_case_handles(uint32_t kind)
{
    static char list[TPM2_DIRECT_HANDLES];
    struct tpm2_direct *direct = tpm2_direct_open(tpm2_case_swtpm());

    tpm2_direct_handles(direct, kind, list);
    tpm2_direct_close(&direct);
    return list;
}

void
tpm2_case_get_loaded(char ret[static TPM2_CASE_HANDLE])
{
    const char *list = tpm2_case_handles(TRANSIENT);

    assert_int_equal(strlen(list), strlen("- 0x80000000\n"));
    (void)snprintf(ret, TPM2_CASE_HANDLE, "%.10s", list + strlen("- "));
}

static void
append(struct tpm2_case_state *state, const char *text)
{
    size_t length = strlen(state->text);

    assert_true(length + strlen(text) + 2 < sizeof state->text);
    (void)snprintf(state->text + length, sizeof state->text - length, "%s\n",
                   text);
}

/* Its name and the hash of what is in it. */
static void
append_file(struct tpm2_case_state *state, const char *name)
{
    char file_name[TPM2_CASE_PATH], path[TPM2_CASE_PATH], hex[65];
    uint8_t bytes[FILE_MAX], hash[32];
    size_t length, hash_length;
    FILE *file;

    (void)snprintf(file_name, sizeof file_name, "keys/%.80s", name);
    tpm2_case_path(file_name, path);
    file = fopen(path, "re");
    assert_non_null(file);
    length = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, bytes, length, hash, &hash_length),
        1);
    for (size_t i = 0; i < hash_length; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    append(state, file_name);
    append(state, hex);
}

void
tpm2_case_look(struct tpm2_case_state *ret)
{
    static const uint32_t kinds[] = {TRANSIENT, PERSISTENT, LOADED_SESSIONS,
                                     SAVED_SESSIONS};
    char path[TPM2_CASE_PATH];
    struct dirent **entries = NULL;
    int count;

    ret->text[0] = '\0';
    tpm2_case_path("keys", path);
    count = scandir(path, &entries, NULL, alphasort);
    assert_true(count >= 2);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_type == DT_REG)
            append_file(ret, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        append(ret, tpm2_case_handles(kinds[i]));
}

void
tpm2_case_assert_unchanged(const struct tpm2_case_state *before)
{
    struct tpm2_case_state *now = calloc(1, sizeof *now);

    assert_non_null(now);
    tpm2_case_look(now);
    assert_string_equal(now->text, before->text);
    free(now);
}

void
tpm2_case_assert_refused(const struct keystore_config *config,
                         enum ks_err wanted, const char *says)
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

void
tpm2_case_use(uint8_t *id, char serial[static KEYSTORE_SERIAL_SIZE])
{
    contract_id(id);
    tpm2_case_open();
    (void)snprintf(serial, KEYSTORE_SERIAL_SIZE, "%s",
                   keystore_info(contract.store)->serial);
    assert_int_equal(strlen(serial), KEYSTORE_SERIAL_SIZE - 1);
    tpm2_case_import(P_256, id);
}

void
tpm2_case_plant(const char *algorithm, const char *attributes,
                const char *unique)
{
    char context[TPM2_CASE_PATH];

    tpm2_case_path("planted", context);
    if (unique != NULL)
        tpm2_case_tool("createprimary", "-C", "o", "-G", algorithm, "-a",
                       attributes, "-u", unique, "-c", context);
    else
        tpm2_case_tool("createprimary", "-C", "o", "-G", algorithm, "-a",
                       attributes, "-c", context);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", context, TPM2_CASE_SRK);
    tpm2_case_tool("flushcontext", "-t");
}

struct keystore_config
tpm2_case_option(const char *option)
{
    static char uri[TPM2_CASE_PATH + 64];
    struct keystore_config config = tpm2_case_config();

    (void)snprintf(uri, sizeof uri, "%s%s", tpm2_case.uri, option);
    config.uri = uri;
    return config;
}

void
tpm2_case_lock(void)
{
    char context[TPM2_CASE_PATH], digest[TPM2_CASE_PATH], out[TPM2_CASE_PATH];

    tpm2_case_path("theirs", context);
    tpm2_case_path("digest", digest);
    tpm2_case_path("signature", out);
    tpm2_case_tool("getrandom", "-o", digest, "32");
    tpm2_case_tool("createprimary", "-C", "o", "-G", "ecc256:ecdsa", "-p",
                   "theirs", "-c", context, "-a",
                   "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|"
                   "sign");
    for (unsigned i = 0; i < 4; i++)
        tpm2_tool(&tpm2_case.run, tpm2_case_swtpm(), "sign", "-c", "0x80000000",
                  "-p", "guess", "-d", "-o", out, digest, NULL);
    if (strstr(tpm2_case.run.err, "0x921") == NULL)
        fail_msg("not locked: %s", tpm2_case.run.err);
    tpm2_case_tool("flushcontext", "-t");
}
