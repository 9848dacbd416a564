/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key object keeps the public half as a key of the default provider and lets
 * that one answer all that is asked about it.  Exporting the private half
 * always fails: that failure is what makes OpenSSL come to this provider for
 * the signature.
 */
#include "agent/net/keyless_management.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

static struct keyless *
key_new(const char *type)
{
    struct keyless *key = OPENSSL_zalloc(sizeof *key);

    if (key != NULL) {
        key->references = 1;
        key->type = type;
    }
    return key;
}

static void *
key_new_rsa(void *provider)
{
    (void)provider;
    return key_new("RSA");
}

static void *
key_new_ec(void *provider)
{
    (void)provider;
    return key_new("EC");
}

/* libcurl's resolver thread never sees a key, so that a plain number counts. */
struct keyless *
keyless_hold(struct keyless *key)
{
    key->references++;
    return key;
}

void
keyless_release(struct keyless *key)
{
    if (key == NULL || --key->references > 0)
        return;
    EVP_PKEY_free(key->public);
    OPENSSL_free(key);
}

static void
key_free(void *key)
{
    keyless_release(key);
}

static int
key_has(const void *data, int selection)
{
    const struct keyless *key = data;

    if (key == NULL || key->public == NULL)
        return 0;
    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 ||
           key->signer != NULL;
}

static int
key_match(const void *a, const void *b, int selection)
{
    const struct keyless *one = a;
    const struct keyless *other = b;

    if (one->public == NULL || other->public == NULL)
        return 0;
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0)
        return EVP_PKEY_eq(one->public, other->public) == 1;
    return EVP_PKEY_parameters_eq(one->public, other->public) != 0;
}

static bool
import_public(struct keyless *key, const OSSL_PARAM params[])
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, key->type,
                                                       "provider=default");
    bool done = context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
                EVP_PKEY_fromdata(context, &key->public, EVP_PKEY_PUBLIC_KEY,
                                  (OSSL_PARAM *)(uintptr_t)params) == 1;

    EVP_PKEY_CTX_free(context);
    return done;
}

/* A public key alone is taken too, whatever the selection says: comparing a
 * certificate's key with ours brings it here.  A private one is never. */
static int
key_import(void *data, int selection, const OSSL_PARAM params[])
{
    struct keyless *key = data;
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params,
                                                      KEYLESS_PARAM_SIGNER);
    struct keyless_delivery delivery = {NULL, NULL};

    (void)selection;
    if (OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_RSA_D) != NULL ||
        OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PRIV_KEY) != NULL)
        return 0;
    if (param != NULL) {
        if (param->data_type != OSSL_PARAM_OCTET_STRING ||
            param->data_size != sizeof delivery)
            return 0;
        memcpy(&delivery, param->data, sizeof delivery);
    }
    key->signer = delivery.signer;
    key->context = delivery.context;
    return import_public(key, params);
}

static int
key_export(void *data, int selection, OSSL_CALLBACK *callback, void *argument)
{
    struct keyless *key = data;
    OSSL_PARAM *params = NULL;
    int done;

    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ||
        key->public == NULL ||
        EVP_PKEY_todata(key->public, EVP_PKEY_PUBLIC_KEY, &params) != 1)
        return 0;
    done = callback(params, argument);
    OSSL_PARAM_free(params);
    return done;
}

static const OSSL_PARAM *
key_types_rsa(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_octet_string(KEYLESS_PARAM_SIGNER, NULL, 0), OSSL_PARAM_END};

    (void)selection;
    return types;
}

static const OSSL_PARAM *
key_types_ec(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_octet_string(KEYLESS_PARAM_SIGNER, NULL, 0), OSSL_PARAM_END};

    (void)selection;
    return types;
}

static int
key_get_params(void *data, OSSL_PARAM params[])
{
    const struct keyless *key = data;
    OSSL_PARAM *digest = OSSL_PARAM_locate(params,
                                           OSSL_PKEY_PARAM_DEFAULT_DIGEST);

    if (digest != NULL && OSSL_PARAM_set_utf8_string(digest, "SHA256") != 1)
        return 0;
    return key->public != NULL && EVP_PKEY_get_params(key->public, params);
}

static const OSSL_PARAM *
key_gettable(void *provider)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, NULL,
                               0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_FIELD_TYPE, NULL, 0),
        OSSL_PARAM_END};

    (void)provider;
    return params;
}

static const char *
key_operation_rsa(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "RSA" : NULL;
}

static const char *
key_operation_ec(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

#define FUNCTION(name) (void (*)(void)) name
#define KEY_MANAGEMENT(type)                                                   \
    {                                                                          \
        {OSSL_FUNC_KEYMGMT_NEW, FUNCTION(key_new_##type)},                     \
            {OSSL_FUNC_KEYMGMT_FREE, FUNCTION(key_free)},                      \
            {OSSL_FUNC_KEYMGMT_HAS, FUNCTION(key_has)},                        \
            {OSSL_FUNC_KEYMGMT_MATCH, FUNCTION(key_match)},                    \
            {OSSL_FUNC_KEYMGMT_IMPORT, FUNCTION(key_import)},                  \
            {OSSL_FUNC_KEYMGMT_IMPORT_TYPES, FUNCTION(key_types_##type)},      \
            {OSSL_FUNC_KEYMGMT_EXPORT, FUNCTION(key_export)},                  \
            {OSSL_FUNC_KEYMGMT_EXPORT_TYPES, FUNCTION(key_types_##type)},      \
            {OSSL_FUNC_KEYMGMT_GET_PARAMS, FUNCTION(key_get_params)},          \
            {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, FUNCTION(key_gettable)},       \
            {OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME,                           \
             FUNCTION(key_operation_##type)},                                  \
            {0, NULL},                                                         \
    }
static const OSSL_DISPATCH rsa_management[] = KEY_MANAGEMENT(rsa);
static const OSSL_DISPATCH ec_management[] = KEY_MANAGEMENT(ec);

const OSSL_ALGORITHM keyless_managements[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", KEYLESS_PROPERTIES,
     rsa_management, NULL},
    {"EC:id-ecPublicKey:1.2.840.10045.2.1", KEYLESS_PROPERTIES, ec_management,
     NULL},
    {NULL, NULL, NULL, NULL}};
