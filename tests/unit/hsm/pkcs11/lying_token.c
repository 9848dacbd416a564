/* SPDX-License-Identifier: Apache-2.0 */
/* The token, its module under a path of its own, and the test's way to the
 * lies in it: the module is loaded once here and once by the back end, which
 * is the same to the linker. */
#include "tests/unit/hsm/pkcs11/lying_token.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "hsm/pkcs11/pkcs11.h"
#include "tests/support/store_fixture.h"
#include "tests/support/copy_file.h"

#define ARENA (256 * 1024)

struct lies *lying_token_lies;
struct keystore *lying_token_store;

static struct store_fixture *fixture;
static struct secret *pin;
static void *library;
static char module[256];
static char uri[320];

static const struct lies truth = {
    .refused = LIES_NONE,
    .refused_too = LIES_NONE,
    .lacking = LIES_NONE,
    .lacking_too = LIES_NONE,
    .unwrap_by = LIES_NONE,
    .flag = LIES_NONE,
    .revealed = LIES_NONE,
    .empty = LIES_NONE,
};

int
lying_token_make(void **state)
{
    (void)state;
    fixture = store_fixture_new("pkcs11");
    pin = store_fixture_secret(store_fixture_pin("pkcs11"));
    if (fixture == NULL || pin == NULL)
        return -1;
    (void)snprintf(module, sizeof module, "%s/lying.so",
                   store_fixture_directory(fixture));
    (void)snprintf(uri, sizeof uri,
                   "pkcs11:token=holdfast%%20contract?module-path=%s", module);
    if (copy_file(LYING_MODULE, module, 0755) != 0)
        return -1;
    library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    lying_token_lies = library != NULL ? dlsym(library, "lies") : NULL;
    if (lying_token_lies == NULL)
        return -1;
    *lying_token_lies = truth;
    lying_token_lies->typed = store_fixture_pin("pkcs11");
    return 0;
}

int
lying_token_remove(void **state)
{
    (void)state;
    if (library != NULL)
        (void)dlclose(library);
    library = NULL;
    secret_free(&pin);
    store_fixture_free(&fixture);
    return 0;
}

int
lying_token_make_open(void **state)
{
    struct err_cause cause = {.text = ""};
    struct keystore_config config;

    if (lying_token_make(state) != 0)
        return -1;
    config = lying_token_config();
    if (lying_token_open(&config, &lying_token_store, &cause) == KS_OK)
        return 0;
    print_error("open: %s\n", cause.text);
    return -1;
}

int
lying_token_close_remove(void **state)
{
    keystore_close(&lying_token_store);
    return lying_token_remove(state);
}

struct keystore_config
lying_token_config(void)
{
    return (struct keystore_config){
        .uri = uri, .pin = pin, .keys_fd = -1, .allow_emulation = true};
}

enum ks_err
lying_token_open(const struct keystore_config *config, struct keystore **ret,
                 struct err_cause *cause)
{
    static const struct keystore_ops *const backends[] = {&hsm_pkcs11_ops,
                                                          NULL};

    return keystore_open(backends, config, ret, cause);
}

const char *
lying_token_module(void)
{
    return module;
}

void
lying_token_assert(enum ks_err wanted, const char *says, enum ks_err got,
                   const struct err_cause *cause, const char *file, int line)
{
    if (got == wanted && strstr(cause->text, says) != NULL &&
        strstr(cause->text, store_fixture_pin("pkcs11")) == NULL)
        return;
    print_error("%s \"%s\" instead of %s \"%s\"\n", err_name(got), cause->text,
                err_name(wanted), says);
    _fail(file, line);
}

enum ks_err
lying_token_import(enum sample_name name, const uint8_t *id,
                   struct keystore_key **ret, struct err_cause *cause)
{
    return keystore_import(lying_token_store, id, "lies",
                           &sample(name)->material, sample(name)->public, ret,
                           cause);
}

void
lying_token_assert_signs(struct keystore_key *key)
{
    EVP_PKEY *public = keystore_key_public(key);
    const char *wrong = check_signature(key, public, scheme_of_key(public));

    if (wrong != NULL)
        fail_msg("%s", wrong);
}

int
lying_token_begin(void **state)
{
    (void)state;
    if (secret_init(ARENA, NULL) != KS_OK || sample_make(RSA_2048) != 0 ||
        sample_make(P_256) != 0 || sample_make(P_256_OTHER) != 0)
        return -1;
    return 0;
}

int
lying_token_end(void **state)
{
    (void)state;
    samples_free();
    return 0;
}
