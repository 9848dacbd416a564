/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider's signatures: digest-sign in one shot and nothing else, because
 * that is how OpenSSL hands over a CertificateVerify as a whole.  What is asked
 * is turned into a TLS SignatureScheme; whatever has none is refused here
 * already.
 */
#include "agent/net/keyless_signature.h"

#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/proverr.h>
#include <openssl/rsa.h>

#include "agent/net/keyless_management.h"
#include "keystore/store/scheme.h"

struct operation {
    struct keyless *key;
    char digest[16];
    int padding;
    int salt;
};

static void *
operation_new(void *provider, const char *properties)
{
    struct operation *operation = OPENSSL_zalloc(sizeof *operation);

    (void)provider;
    (void)properties;
    if (operation != NULL)
        operation->padding = RSA_PKCS1_PADDING;
    return operation;
}

static void
operation_free(void *data)
{
    struct operation *operation = data;

    if (operation == NULL)
        return;
    keyless_release(operation->key);
    OPENSSL_free(operation);
}

static void *
operation_copy(void *data)
{
    struct operation *copy = OPENSSL_memdup(data, sizeof *copy);

    if (copy != NULL && copy->key != NULL)
        (void)keyless_hold(copy->key);
    return copy;
}

static int
set_digest(struct operation *operation, const char *name)
{
    size_t length = strlen(name);

    if (length >= sizeof operation->digest)
        return 0;
    memcpy(operation->digest, name, length + 1);
    return 1;
}

/* OpenSSL says these two by number or by name. */
static bool
set_padding(struct operation *operation, const OSSL_PARAM *param)
{
    if (param->data_type != OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_get_int(param, &operation->padding) == 1;
    operation->padding = strcmp(param->data, OSSL_PKEY_RSA_PAD_MODE_PSS) == 0
                             ? RSA_PKCS1_PSS_PADDING
                             : RSA_NO_PADDING;
    return true;
}

static bool
set_salt(struct operation *operation, const OSSL_PARAM *param)
{
    if (param->data_type != OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_get_int(param, &operation->salt) == 1;
    operation->salt = strcmp(param->data, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST) ==
                              0
                          ? RSA_PSS_SALTLEN_DIGEST
                          : RSA_PSS_SALTLEN_MAX;
    return true;
}

static int
operation_set(void *data, const OSSL_PARAM params[])
{
    struct operation *operation = data;
    const OSSL_PARAM *param;

    if (params == NULL)
        return 1;
    param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_DIGEST);
    if (param != NULL && (param->data_type != OSSL_PARAM_UTF8_STRING ||
                          !set_digest(operation, param->data)))
        return 0;
    param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
    if (param != NULL && !set_padding(operation, param))
        return 0;
    param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
    return param == NULL || set_salt(operation, param);
}

static const OSSL_PARAM *
operation_settable(void *data, void *provider)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
        OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL),
        OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL), OSSL_PARAM_END};

    (void)data;
    (void)provider;
    return params;
}

static int
operation_start(void *data, const char *digest, void *key,
                const OSSL_PARAM params[])
{
    struct operation *operation = data;

    if (key != NULL) {
        struct keyless *previous = operation->key;

        operation->key = keyless_hold(key);
        keyless_release(previous);
    }
    if (operation->key == NULL || operation->key->signer == NULL ||
        digest == NULL || !set_digest(operation, digest))
        return 0;
    return operation_set(operation, params);
}

static bool
is_digest(const struct operation *operation, const char *name)
{
    EVP_MD *digest = EVP_MD_fetch(NULL, operation->digest, NULL);
    bool same = digest != NULL && EVP_MD_is_a(digest, name);

    EVP_MD_free(digest);
    return same;
}

/* The TLS SignatureScheme (RFC 8446, 4.2.3) of what was asked, or 0. */
static uint16_t
scheme_of(const struct operation *operation)
{
    const struct scheme *scheme = scheme_row(
        scheme_of_key(operation->key->public));

    if (scheme == NULL || (scheme->form == SCHEME_PSS &&
                           (operation->padding != RSA_PKCS1_PSS_PADDING ||
                            operation->salt != RSA_PSS_SALTLEN_DIGEST)))
        return 0;
    return is_digest(operation, EVP_MD_get0_name(scheme->hash())) ? scheme->tls
                                                                  : 0;
}

static int
operation_sign(void *data, unsigned char *signature, size_t *ret_length,
               size_t size, const unsigned char *content, size_t length)
{
    struct operation *operation = data;
    struct keyless *key = operation->key;
    uint16_t scheme = scheme_of(operation);
    size_t most = (size_t)EVP_PKEY_get_size(key->public);

    if (scheme == 0) {
        ERR_raise(ERR_LIB_PROV, PROV_R_ILLEGAL_OR_UNSUPPORTED_PADDING_MODE);
        return 0;
    }
    *ret_length = most;
    if (signature == NULL)
        return 1;
    if (size < most || !key->signer(key->context, scheme, content, length,
                                    signature, ret_length)) {
        ERR_raise(ERR_LIB_PROV, PROV_R_FAILED_TO_SIGN);
        return 0;
    }
    return 1;
}

#define FUNCTION(name) (void (*)(void)) name
static const OSSL_DISPATCH signature[] = {
    {OSSL_FUNC_SIGNATURE_NEWCTX, FUNCTION(operation_new)},
    {OSSL_FUNC_SIGNATURE_FREECTX, FUNCTION(operation_free)},
    {OSSL_FUNC_SIGNATURE_DUPCTX, FUNCTION(operation_copy)},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, FUNCTION(operation_start)},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN, FUNCTION(operation_sign)},
    {OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, FUNCTION(operation_set)},
    {OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, FUNCTION(operation_settable)},
    {0, NULL}};

const OSSL_ALGORITHM keyless_signatures[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", KEYLESS_PROPERTIES, signature,
     NULL},
    {"ECDSA", KEYLESS_PROPERTIES, signature, NULL},
    {NULL, NULL, NULL, NULL}};
