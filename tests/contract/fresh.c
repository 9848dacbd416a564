/* SPDX-License-Identifier: Apache-2.0 */
/* What a key is worth shows in a process that did not make it: this program,
 * executed anew, with nothing but the store's name, an id and a public key. */
#include "tests/contract/contract.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#define HEX_SIZE (2 * KEYSTORE_ID_LENGTH + 1)

static void
run_fresh(const char *mode, const uint8_t *id, const char *public_path)
{
    char hex[HEX_SIZE];
    char keys[16];
    const char *argv[] = {"keystore_contract",
                          contract.row->kind,
                          mode,
                          store_fixture_uri(contract.fixture),
                          keys,
                          hex,
                          public_path,
                          NULL};
    int keys_fd = store_fixture_keys(contract.fixture);
    int status = -1;
    pid_t child;

    for (size_t i = 0; i < KEYSTORE_ID_LENGTH; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id[i]);
    (void)snprintf(keys, sizeof keys, "%d", keys_fd);
    child = fork();
    if (child == 0) {
        (void)fcntl(keys_fd, F_SETFD, 0); /* goes with it */
        (void)execv(contract.program, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    assert_true(child > 0);
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

void
contract_assert_fresh_signs(const uint8_t *id, EVP_PKEY *public)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/public.pem",
                   store_fixture_directory(contract.fixture));
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(PEM_write_PUBKEY(file, public), 1);
    assert_int_equal(fclose(file), 0);
    run_fresh("signs", id, path);
}

void
contract_assert_fresh_missing(const uint8_t *id)
{
    run_fresh("missing", id, "");
}

void
contract_assert_fresh_removes(const uint8_t *id)
{
    run_fresh("removes", id, "");
}

void
contract_assert_fresh_generates(const uint8_t *id)
{
    run_fresh("generates", id, "");
}

/* From here on: in the fresh process. */

static EVP_PKEY *
read_public(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *public = NULL;

    if (file == NULL)
        return NULL;
    public = PEM_read_PUBKEY(file, NULL, NULL, NULL);
    (void)fclose(file);
    return public;
}

/* Found with or without the public key, it must sign in every way it can. */
static const char *
check_key(struct keystore *store, const uint8_t *id, EVP_PKEY *wanted,
          EVP_PKEY *public)
{
    struct keystore_key *key = NULL;
    const char *wrong = NULL;

    if (keystore_find(store, id, wanted, &key, NULL) != KS_OK)
        return "it is not found";
    if (EVP_PKEY_eq(keystore_key_public(key), public) != 1)
        wrong = "its public half is another";
    for (unsigned i = 1; wrong == NULL && i < KEYSTORE_SCHEME__MAX; i++)
        if (scheme_fits((enum keystore_scheme)i, public))
            wrong = check_signature(key, public, (enum keystore_scheme)i);
    keystore_key_free(&key);
    return wrong;
}

static const char *
check_signs(struct keystore *store, const uint8_t *id, const char *path)
{
    EVP_PKEY *public = read_public(path);
    const char *wrong = public == NULL ? "no public key" : NULL;

    if (wrong == NULL)
        wrong = check_key(store, id, NULL, public);
    if (wrong == NULL)
        wrong = check_key(store, id, public, public);
    EVP_PKEY_free(public);
    return wrong;
}

static const char *
check_missing(struct keystore *store, const uint8_t *id, const char *path)
{
    struct keystore_key *key = NULL;
    enum ks_err rc = keystore_find(store, id, NULL, &key, NULL);

    (void)path;
    if (rc == KS_OK)
        keystore_key_free(&key);
    return rc == KS_ERR_KEY_MISSING ? NULL : err_name(rc);
}

static const char *
removes(struct keystore *store, const uint8_t *id, const char *path)
{
    enum ks_err rc = keystore_remove(store, id, NULL);

    (void)path;
    return rc == KS_OK ? NULL : err_name(rc);
}

static const char *
generates(struct keystore *store, const uint8_t *id, const char *path)
{
    static struct err_cause cause;
    struct keystore_key *key = NULL;
    enum ks_err rc = keystore_generate(store, id, "fresh", MATERIAL_P256, &key,
                                       &cause);

    (void)path;
    if (rc == KS_OK)
        keystore_key_free(&key);
    return rc == KS_OK ? NULL : cause.text;
}

static const struct {
    const char *name;
    const char *(*run)(struct keystore *store, const uint8_t *id,
                       const char *path); /* what is wrong, or NULL */
} modes[] = {
    {"signs", check_signs},
    {"missing", check_missing},
    {"removes", removes},
    {"generates", generates},
};

static bool
read_id(const char *hex, uint8_t ret[static KEYSTORE_ID_LENGTH])
{
    if (strlen(hex) != HEX_SIZE - 1)
        return false;
    for (size_t i = 0; i < KEYSTORE_ID_LENGTH; i++)
        if (sscanf(hex + 2 * i, "%2hhx", &ret[i]) != 1)
            return false;
    return true;
}

int
contract_fresh_main(int argc, char **argv)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_config config = {.pin = contract.pin,
                                     .allow_emulation = true};
    const char *wrong = "it was told nothing";

    if (argc != 5 || !read_id(argv[3], id))
        return 64;
    config.uri = argv[1];
    config.keys_fd = atoi(argv[2]);
    if (contract_open(&config, &contract.store) != KS_OK)
        return 1;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(modes[i].name, argv[0]) == 0)
            wrong = modes[i].run(contract.store, id, argv[4]);
    keystore_close(&contract.store);
    if (wrong != NULL)
        (void)fprintf(stderr, "fresh process, key %s: %s\n", argv[3], wrong);
    return wrong == NULL ? 0 : 1;
}
