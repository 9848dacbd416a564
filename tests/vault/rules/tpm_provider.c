/* SPDX-License-Identifier: Apache-2.0 */
/* A provider (provider(7)) with one kind of key and one signature.  A key gives
 * away its public half alone: OpenSSL would otherwise take it for a key that
 * its default provider can work with. */
#include "tests/vault/rules/tpm_provider.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "tests/vault/rules/rules.h"
#include "tests/vault/rules/tpm_statement.h"

#define NAME "holdfast-test-tpm"
#define PARAMETER "tpm-key" /* the address of a struct held */

struct held {
    struct tpm *tpm;
    struct tpm_key *key;
};

/* --- the key --- */

static void *
key_new(void *provider)
{
    (void)provider;
    return OPENSSL_zalloc(sizeof(struct held));
}

static void
key_free(void *data)
{
    OPENSSL_free(data);
}

static int
key_has(const void *data, int selection)
{
    const struct held *held = data;

    (void)selection;
    return held->key != NULL;
}

static int
key_match(const void *data, const void *other, int selection)
{
    const struct held *one = data;
    const struct held *two = other;

    (void)selection;
    return EVP_PKEY_eq(one->key->key, two->key->key);
}

static int
key_import(void *data, int selection, const OSSL_PARAM parameters[])
{
    const OSSL_PARAM *parameter = OSSL_PARAM_locate_const(parameters,
                                                          PARAMETER);
    const void *held;
    size_t length;

    (void)selection;
    if (parameter == NULL ||
        OSSL_PARAM_get_octet_string_ptr(parameter, &held, &length) != 1 ||
        length != sizeof(struct held))
        return 0;
    memcpy(data, held, length);
    return 1;
}

static const OSSL_PARAM *
key_import_types(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_octet_string(PARAMETER, NULL, 0), OSSL_PARAM_END};

    (void)selection;
    return types;
}

static int
key_export(void *data, int selection, OSSL_CALLBACK *take, void *context)
{
    const struct held *held = data;
    OSSL_PARAM *parameters = NULL;
    int done;

    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ||
        EVP_PKEY_todata(held->key->key, EVP_PKEY_PUBLIC_KEY, &parameters) != 1)
        return 0;
    done = take(parameters, context);
    OSSL_PARAM_free(parameters);
    return done;
}

static const OSSL_PARAM *
key_export_types(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_END};

    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? NULL : types;
}

static int
key_get(void *data, OSSL_PARAM parameters[])
{
    const struct held *held = data;

    return EVP_PKEY_get_params(held->key->key, parameters);
}

static const OSSL_PARAM *
key_gettable(void *provider)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_END};

    (void)provider;
    return types;
}

static const char *
key_operation(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

/* --- the signature --- */

static void *
sign_new(void *provider, const char *query)
{
    (void)query;
    return key_new(provider);
}

static void *
sign_copy(void *data)
{
    return OPENSSL_memdup(data, sizeof(struct held));
}

static int
sign_begin(void *data, const char *digest, void *key,
           const OSSL_PARAM parameters[])
{
    (void)parameters;
    if (digest != NULL && strcmp(digest, "SHA256") != 0 &&
        strcmp(digest, "SHA2-256") != 0)
        return 0;
    memcpy(data, key, sizeof(struct held));
    return 1;
}

static int
sign(void *data, unsigned char *signature, size_t *length, size_t size,
     const unsigned char *content, size_t content_length)
{
    const struct held *held = data;
    uint8_t *der;
    int made;

    if (signature == NULL) {
        *length = (size_t)EVP_PKEY_get_size(held->key->key);
        return 1;
    }
    der = tpm_sign(held->tpm, held->key, content, content_length, &made);
    if (made > 0 && (size_t)made <= size) {
        memcpy(signature, der, (size_t)made);
        *length = (size_t)made;
    }
    OPENSSL_free(der);
    return made > 0 && (size_t)made <= size;
}

/* --- the provider --- */

/* ISO C has no way from one type of function to another but this. */
#define FUNCTION(id, function)                                                 \
    {                                                                          \
        (id), (void (*)(void))(function)                                       \
    }

static const OSSL_DISPATCH key_functions[] = {
    FUNCTION(OSSL_FUNC_KEYMGMT_NEW, key_new),
    FUNCTION(OSSL_FUNC_KEYMGMT_FREE, key_free),
    FUNCTION(OSSL_FUNC_KEYMGMT_HAS, key_has),
    FUNCTION(OSSL_FUNC_KEYMGMT_MATCH, key_match),
    FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT, key_import),
    FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, key_import_types),
    FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT, key_export),
    FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, key_export_types),
    FUNCTION(OSSL_FUNC_KEYMGMT_GET_PARAMS, key_get),
    FUNCTION(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, key_gettable),
    FUNCTION(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, key_operation),
    {0, NULL}};

static const OSSL_DISPATCH sign_functions[] = {
    FUNCTION(OSSL_FUNC_SIGNATURE_NEWCTX, sign_new),
    FUNCTION(OSSL_FUNC_SIGNATURE_FREECTX, key_free),
    FUNCTION(OSSL_FUNC_SIGNATURE_DUPCTX, sign_copy),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, sign_begin),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign),
    {0, NULL}};

static const OSSL_ALGORITHM *
query(void *provider, int operation, int *no_store)
{
    static const OSSL_ALGORITHM keys[] = {
        {"EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=" NAME, key_functions,
         NULL},
        {NULL, NULL, NULL, NULL}};
    static const OSSL_ALGORITHM signatures[] = {
        {"ECDSA", "provider=" NAME, sign_functions, NULL},
        {NULL, NULL, NULL, NULL}};

    (void)provider;
    *no_store = 0;
    if (operation == OSSL_OP_KEYMGMT)
        return keys;
    return operation == OSSL_OP_SIGNATURE ? signatures : NULL;
}

static int
initialize(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
           const OSSL_DISPATCH **out, void **ret_provider)
{
    static const OSSL_DISPATCH functions[] = {
        FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query), {0, NULL}};

    (void)in;
    *out = functions;
    *ret_provider = (void *)(uintptr_t)handle;
    return 1;
}

static OSSL_PROVIDER *providers[2];

static void
unload(void)
{
    for (int i = 1; i >= 0; i--)
        (void)OSSL_PROVIDER_unload(providers[i]);
}

/* For the whole program: OpenSSL's own provider is no more a matter of course
 * once another is there.  It comes first, and is asked where a name fits
 * both. */
static void
load(void)
{
    if (providers[0] != NULL)
        return;
    assert_int_equal(OSSL_PROVIDER_add_builtin(NULL, NAME, initialize), 1);
    providers[0] = OSSL_PROVIDER_load(NULL, "default");
    providers[1] = OSSL_PROVIDER_load(NULL, NAME);
    assert_non_null(providers[0]);
    assert_non_null(providers[1]);
    assert_int_equal(atexit(unload), 0);
}

EVP_PKEY *
tpm_provider_key(struct tpm *tpm, struct tpm_key *key)
{
    struct held held = {tpm, key};
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(PARAMETER, &held, sizeof held),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context;
    EVP_PKEY *new = NULL;

    load();
    context = EVP_PKEY_CTX_new_from_name(NULL, "EC", "provider=" NAME);
    assert_non_null(context);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(
        EVP_PKEY_fromdata(context, &new, EVP_PKEY_KEYPAIR, parameters), 1);
    EVP_PKEY_CTX_free(context);
    return kept_key(new);
}
